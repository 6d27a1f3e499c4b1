/** A mail server that refuses every password, in the words of RFC 4954. */
import { createServer, type Server, type Socket } from 'node:net';

export function startRefusingMailServer(address: string, port: number): Promise<Server> {
  const server = createServer(serve);
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, address, () => resolve(server));
  });
}

function serve(socket: Socket): void {
  const say = (...lines: string[]) => socket.write(lines.map((line) => `${line}\r\n`).join(''));
  let buffer = '';
  say('220 mail.lab.test');
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    const lines = (buffer + chunk).split('\r\n');
    buffer = lines.pop()!;
    for (const line of lines) {
      const command = line.slice(0, 4).toUpperCase();
      if (command === 'EHLO') say('250-mail.lab.test', '250 AUTH PLAIN LOGIN');
      else if (command === 'AUTH') say('535 5.7.8 The password is wrong');
      else if (command === 'QUIT') {
        say('221 bye');
        socket.end();
      } else say('250 ok');
    }
  });
}
