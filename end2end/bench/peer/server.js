/**
 * The server that `make bench-sessions` compares Snug with: the refresh endpoint of an Express voice-room app (express 4.17, jsonwebtoken
 * 8.5, cookie-parser). It does the same work in the same order as that app: verify the token, find it, find the user, sign twice, update,
 * set two cookies, answer JSON. This server uses SQLite instead of MongoDB, so it is faster than the app: no Mongoose, no second process.
 * Both servers write with synchronous=full, so a rotation is on the disk before the answer.
 *
 * Variables: PORT and DB (a new file) are required; USERS is the number of users.
 */
const crypto = require('node:crypto');
const Database = require('better-sqlite3');
const cookieParser = require('cookie-parser');
const cors = require('cors');
const express = require('express');
const jwt = require('jsonwebtoken');

const PORT = Number(process.env.PORT);
const USERS = Number(process.env.USERS) || 64;
const ACCESS_SECRET = 'a'.repeat(64);
const REFRESH_SECRET = 'r'.repeat(64);
const COOKIE = { maxAge: 1000 * 60 * 60 * 24 * 30, httpOnly: true };

const database = new Database(process.env.DB);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(`
  create table users(_id text primary key, phone text, name text, avatar text, activated int, createdAt text);
  create table tokens(userId text primary key, token text not null);
  create index tokens_token on tokens(token)`);
const findToken = database.prepare('select * from tokens where userId = ? and token = ?');
const findUser = database.prepare('select * from users where _id = ?');
const updateToken = database.prepare('update tokens set token = ? where userId = ?');
const insertUser = database.prepare('insert into users values (?, ?, ?, ?, ?, ?)');
const insertToken = database.prepare('insert into tokens values (?, ?)');
let writes = 0;

const sign = (claims) => ({
  accessToken: jwt.sign(claims, ACCESS_SECRET, { expiresIn: '1h' }),
  refreshToken: jwt.sign(claims, REFRESH_SECRET, { expiresIn: '1y' }),
});
const shown = (user) => ({
  id: user._id,
  phone: user.phone,
  name: user.name,
  avatar: user.avatar ? `http://127.0.0.1:${PORT}${user.avatar}` : null,
  activated: !!user.activated,
  createdAt: user.createdAt,
});

const app = express();
app.use(cookieParser());
app.use(cors({ credentials: true, origin: ['http://127.0.0.1:3000'] }));
app.use(express.json({ limit: '8mb' }));

app.get('/api/refresh', async (request, response) => {
  const { refreshToken: presented } = request.cookies;
  let claims;
  try {
    claims = await jwt.verify(presented, REFRESH_SECRET);
  } catch {
    return response.status(401).json({ message: 'Invalid Token' });
  }
  if (!findToken.get(claims._id, presented)) return response.status(401).json({ message: 'Invalid token' });
  const user = findUser.get(claims._id);
  if (!user) return response.status(404).json({ message: 'No user' });
  const { refreshToken, accessToken } = sign({ _id: claims._id });
  writes += updateToken.run(refreshToken, claims._id).changes;
  response.cookie('refreshToken', refreshToken, COOKIE);
  response.cookie('accessToken', accessToken, COOKIE);
  response.json({ user: shown(user), auth: true });
});

/** Answers who is signed in: checks the access token and reads the user. */
app.get('/api/me', async (request, response) => {
  let claims;
  try {
    claims = await jwt.verify(request.cookies.accessToken, ACCESS_SECRET);
  } catch {
    return response.status(401).json({ message: 'Invalid token' });
  }
  const user = findUser.get(claims._id);
  if (!user) return response.status(404).json({ message: 'No user' });
  response.json({ user: shown(user), auth: true });
});

app.get('/', (_, response) => response.send('Hello from express Js'));

/** For the bench only: everybody's cookies, and the number of rows that were written so far. */
app.get('/bench/cookies', (_, response) => response.json(cookies));
app.get('/bench/writes', (_, response) => response.json(writes));

const cookies = database.transaction(() =>
  Array.from({ length: USERS }, (_, number) => {
    const _id = crypto.randomBytes(12).toString('hex');
    const { accessToken, refreshToken } = sign({ _id });
    insertUser.run(_id, `+10000000${number}`, `User ${number}`, '/storage/a.png', 1, new Date().toISOString());
    insertToken.run(_id, refreshToken);
    return `refreshToken=${refreshToken}; accessToken=${accessToken}`;
  }),
)();
app.listen(PORT, '127.0.0.1');
