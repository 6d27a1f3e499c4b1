-- A database as Snug's commit c8c0ae9 (27 November 2026) has written it, for the test in `mod.rs`. The statements are the migrations
-- of that commit, without their comments, and then a few rows in each table. Sessions and a link end in the year 2100, so that the
-- test works until then. SQLite runs this text as it is. For PostgreSQL, the test replaces the type and the values of `checksum`.

create table users (
    id           text   not null primary key,
    email        text   unique,
    name         text   not null,
    picture      text   not null,
    activated_at bigint,
    owner_at     bigint,
    created_at   bigint not null
);
create index users_picture on users (picture);

create table sessions (
    id              text   not null primary key,
    user_id         text   not null references users (id) on delete cascade,
    cur_hash        text   not null,
    prev_hash       text   not null,
    salt            text   not null,
    kid             text   not null,
    gen             bigint not null,
    served_at       bigint not null,
    confirmed       bigint not null,
    created_at      bigint not null,
    last_seen_at    bigint not null,
    idle_expires_at bigint not null,
    abs_expires_at  bigint not null,
    revoked_at      bigint,
    revoke_reason   text,
    user_agent      text   not null,
    ip_prefix       text   not null
);
create index sessions_user on sessions (user_id);
create index sessions_revoked on sessions (revoked_at);

create table codes (
    id         text   not null primary key,
    email      text   not null,
    mac        text   not null,
    attempts   bigint not null,
    created_at bigint not null,
    expires_at bigint not null,
    used_at    bigint
);
create index codes_expiry on codes (expires_at);

create table rooms (
    id        text   not null primary key,
    topic     text   not null,
    kind      text   not null,
    opened_by text   not null references users (id) on delete cascade,
    opened_at bigint not null,
    ended_at  bigint
);
create index rooms_ended on rooms (ended_at);

create table limit_events (
    key text   not null,
    at  bigint not null
);
create index limit_events_key on limit_events (key, at);
create table limit_keys (
    key text not null primary key
);

create table owner_links (
    id           text   not null primary key,
    created_at   bigint not null,
    used_at      bigint,
    browser_hash text   not null
);

create table email_changes (
    id         text   not null primary key,
    user_id    text   not null references users (id) on delete cascade,
    session_id text   not null,
    new_email  text   not null,
    old_email  text,
    mac        text   not null,
    attempts   bigint not null,
    created_at bigint not null,
    expires_at bigint not null,
    changed_at bigint,
    undone_at  bigint
);
create index email_changes_user on email_changes (user_id);

create table pictures (
    hash    text   not null primary key,
    hung_at bigint not null
);

create table follows (
    follower text   not null references users (id) on delete cascade,
    followed text   not null references users (id) on delete cascade,
    since    bigint not null,
    primary key (follower, followed)
);
create index follows_followed on follows (followed);

create table invites (
    id         text   not null primary key,
    room_id    text   not null references rooms (id) on delete cascade,
    number     bigint not null,
    made_by    text   not null references users (id) on delete cascade,
    made_at    bigint not null,
    expires_at bigint not null,
    most_uses  bigint not null,
    uses       bigint not null,
    revoked_at bigint
);
create index invites_room on invites (room_id);
create table members (
    room_id   text   not null references rooms (id) on delete cascade,
    user_id   text   not null references users (id) on delete cascade,
    invite_id text   not null references invites (id) on delete cascade,
    since     bigint not null,
    primary key (room_id, user_id)
);
create index members_user on members (user_id);

alter table users add column disabled_at bigint;

alter table invites add column guests bigint not null default 0;
alter table users add column guest_of text;
create index users_guest_of on users (guest_of);

alter table rooms add column mode text not null default 'everyone';
alter table rooms add column standing bigint not null default 0;
alter table rooms add column hold_minutes bigint not null default 0;
alter table rooms add column host_id text;
create table standings (
    room_id      text   not null references rooms (id) on delete cascade,
    user_id      text   not null references users (id) on delete cascade,
    rank         text   not null,
    held         bigint not null,
    vouched      bigint not null,
    barred       bigint not null,
    barred_until bigint,
    primary key (room_id, user_id)
);
create table moderation_log (
    room_id text   not null references rooms (id) on delete cascade,
    number  bigint not null,
    entry   text   not null,
    primary key (room_id, number)
);

create table _sqlx_migrations (
    version        bigint primary key,
    description    text not null,
    installed_on   timestamp not null default current_timestamp,
    success        boolean not null,
    checksum       blob not null,
    execution_time bigint not null
);

insert into _sqlx_migrations (version, description, success, checksum, execution_time) values
    (20261123000001, 'users', true, x'd97bac90161092a3ea6b8d1c152f0b34ec4052847821e52c5b31ef0d27eb1194e1ee0b953086cdf2cddf6ace62be5a62', 800463),
    (20261123000002, 'sessions', true, x'bdc6d75e7fb0586fb4977eed3921cd80835d31c5412df59a3f71ba3e3939f380c11e680d4f7bbc280b2a804df85f8aba', 732845),
    (20261123000003, 'codes', true, x'd6a673762f359898ab968bc3f5476193a40ebd0418a8680f3d5f1deaf35e88615613ad1f8ea196dd39c1d5929d3d2a61', 263667),
    (20261123000004, 'rooms', true, x'dc999037a9b3f048bd2f60fff2d7355810f173b80522d5ab3e4a96e7d82282216829b8f8e7424f762e8140d107d5d86a', 658940),
    (20261123000005, 'limits', true, x'44411a8bb02aee12a6bf8619f4227e7681b63faff75c5b29735ce99bc902e286ccb5954184c089f0f765f55e1ee07e64', 661578),
    (20261123000006, 'owner links', true, x'a0310a549c0642fd5b3e0a032cd71cf14c25e9e9dc8db98908fa2ea9b6a5ad8ca562e0e46b1fa3ad6882f4fe3221c470', 573713),
    (20261125000001, 'email changes', true, x'076d7ccfc8627b3e74d299622fda684e7bfe476da82d26c28d0aad9262da7084695191f36d88b218bcc7850fcc2bd56d', 290694),
    (20261126000001, 'pictures', true, x'34e0a73e613d991f26694bbbf260133abe3f72b9ba48b45e5508e4892756b1976aff00c145dad4eec49023382b360686', 560493),
    (20261126000002, 'circles', true, x'09f9f60db24ad6a5010b7108b35ddf73483b3d50364c5dba86912c7ed130c8e827d70b1cd864164f7665b50640447673', 800308),
    (20261126000003, 'invites', true, x'b8dfcec771001e72edbb1fac619d081cd822773f7a78ba7c6e59ad360684810db009b3e4d5089bc10818fac7359e6e31', 674885),
    (20261126000010, 'disabled', true, x'35a82a946a6160353d07b28bb5597a2273db7b5a74ed9b7e3db6c641b7f6d478da44aca628047a6fa058d6b74c416ba6', 652723),
    (20261126000011, 'guests', true, x'c9bcb830004286bdc0c518585e512688e51c46d0df1603d39b1f223fbabd8a86bc2b76bc12b07e7b0364e9749b0e4ebc', 443088),
    (20261126000012, 'stage', true, x'42ccba09c97fa4201fac1aff76571d5b86d39844c5bd2fb2522cf5d2aed65699665f9aba6b0221a5c9976e9b63a3936b', 785518);

insert into users (id, email, name, picture, activated_at, owner_at, created_at, disabled_at, guest_of) values
    ('hyftv3tzvr4d2epyi4pb', 'ada@example.org', 'Ada', 'ec8a6eb2ba2a0f48f1378415517fb6ac243b417a208962653ff7c09c153dadc9', 1795712800, 1795712900, 1795712400, null, null),
    ('7sqfvvtidig5zc822hxv', 'ben@example.org', 'Ben', 'face:x8sus48i', 1795718800, null, 1795718700, null, null),
    ('t3r5whr3zycvd9r47fs7', 'cleo@example.org', '', '', null, null, 1795798500, null, null),
    ('wbrgf7hbcza7vyburq2a', null, 'Dora', '', 1795791600, null, 1795791600, null, 'by9uwgefkv74'),
    ('9y8zgwwrj8py5p3fazvi', 'eve@example.org', 'Eve', '', 1795748800, null, 1795748700, 1795758800, null);

insert into sessions (id, user_id, cur_hash, prev_hash, salt, kid, gen, served_at, confirmed, created_at, last_seen_at,
    idle_expires_at, abs_expires_at, revoked_at, revoke_reason, user_agent, ip_prefix) values
    ('htk2sseiicsce6unz98a', 'hyftv3tzvr4d2epyi4pb', '6b75c083fedd55ad121f6031b2d4ba7c834bdd6589b0c0308417b2dfaee47d34', '09badaac223668b3300599faf1cf7223e3e14b76f91e04e8a6408c6beb93ff52', 'jmq2a6vagn9253thjr7ck5y7qa', 'jkgmzd', 7, 1795797900, 1, 1795712400, 1795798100, 4102444800, 4102444800, null, null, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '192.0.2.0/24'),
    ('djdi8uj6iahjzzgeje3x', 'hyftv3tzvr4d2epyi4pb', '7493cb2c485df7b56d181225b46147a07b2741f65e9042b53a7b630fd49a5fd3', '', '', 'jkgmzd', 1, 1795708800, 1, 1795708800, 1795708800, 4102444800, 4102444800, 1795712400, 'replaced', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '192.0.2.0/24'),
    ('bq3gbdmpb427sxny32f5', '7sqfvvtidig5zc822hxv', '6834aa4b12ec81ffd0774eff509c8f5c78a3c68286375ac5aa31361a03bfa641', '38aea958bedae680677a493d31317a50a490c5a54f13a2796911ea75624836bd', 'e9b4y8kc5d2m7k7yqj9ezddtp5', 'jkgmzd', 3, 1795795800, 0, 1795718700, 1795795800, 4102444800, 4102444800, null, null, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '2001:db8:7::/48'),
    ('cwiuxcxb4ysvpdze32up', 'wbrgf7hbcza7vyburq2a', '12dd17e406ee5352273216a6531a0b939ca143b33f216c9884c76fe9ce63f25f', '', '', 'jkgmzd', 1, 1795791600, 1, 1795791600, 1795791700, 4102444800, 4102444800, null, null, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '198.51.100.0/24');

insert into codes (id, email, mac, attempts, created_at, expires_at, used_at) values
    ('5c946a0f2247b9bd06d1804c3d01f64a58e640a504b694434de02541ede3a298', 'cleo@example.org', '16d1959dd296e9bed8815f9236979e65ec4b697fd1ce8fb4376e4426b3402f75', 0, 1795798490, 1795799090, 1795798500),
    ('5d52e63409059174f9bbdafc5657b4987eec409eafb33d1dfb45bafc52dea4c0', 'ben@example.org', '6c9734904cff45728a5a5c8acce1151140a494bb2bf8faf87ac04f8cc3c78692', 2, 1795798740, 1795799340, null);

insert into rooms (id, topic, kind, opened_by, opened_at, ended_at, mode, standing, hold_minutes, host_id) values
    ('sj7rnjgi5gym', 'Kitchen table', 'open', 'hyftv3tzvr4d2epyi4pb', 1795718800, null, 'everyone', 1, 0, null),
    ('bg7uv7i4iw6m', 'Ada''s book club', 'private', 'hyftv3tzvr4d2epyi4pb', 1795791500, null, 'stage', 0, 60, '7sqfvvtidig5zc822hxv'),
    ('f8q57udyjjwe', 'Old talk', 'social', '7sqfvvtidig5zc822hxv', 1795728800, 1795738800, 'everyone', 0, 0, null);

insert into limit_keys (key) values
    ('fb30e4cb210dde06eae7e03dea7ace421fc523e7a1849c797d346203089b95c6');

insert into limit_events (key, at) values
    ('fb30e4cb210dde06eae7e03dea7ace421fc523e7a1849c797d346203089b95c6', 1795798740);

insert into owner_links (id, created_at, used_at, browser_hash) values
    ('y72srgxypckh', 1795712300, 1795712900, 'd2c61172c4c9277e7134c5187f8e3ab5713c592a1029a521cde2fab50850101b');

insert into email_changes (id, user_id, session_id, new_email, old_email, mac, attempts, created_at, expires_at, changed_at, undone_at) values
    ('eub9pzg663jdq5x6xc6hbihzw5', '7sqfvvtidig5zc822hxv', 'bq3gbdmpb427sxny32f5', 'ben@example.org', 'benedict@example.org', '0c325a605121bf4e2324cb90ead0ee168f20d8f66fa63c59012ff9af7a035fde', 1, 1795719800, 1795720400, 1795719900, null);

insert into pictures (hash, hung_at) values
    ('ec8a6eb2ba2a0f48f1378415517fb6ac243b417a208962653ff7c09c153dadc9', 1795712800),
    ('c240499e3fba60230416ed0564ea7f6c6061cda6ef54854d5307c44a6b5457b4', 1795712700);

insert into follows (follower, followed, since) values
    ('7sqfvvtidig5zc822hxv', 'hyftv3tzvr4d2epyi4pb', 1795719300),
    ('wbrgf7hbcza7vyburq2a', '7sqfvvtidig5zc822hxv', 1795791800);

insert into invites (id, room_id, number, made_by, made_at, expires_at, most_uses, uses, revoked_at, guests) values
    ('by9uwgefkv74', 'sj7rnjgi5gym', 1, 'hyftv3tzvr4d2epyi4pb', 1795791400, 4102444800, 10, 1, null, 1),
    ('mftzr4u84ssp', 'sj7rnjgi5gym', 2, 'hyftv3tzvr4d2epyi4pb', 1795791800, 1795878200, 1, 0, 1795792800, 0);

insert into members (room_id, user_id, invite_id, since) values
    ('sj7rnjgi5gym', 'wbrgf7hbcza7vyburq2a', 'by9uwgefkv74', 1795791600);

insert into standings (room_id, user_id, rank, held, vouched, barred, barred_until) values
    ('sj7rnjgi5gym', '9y8zgwwrj8py5p3fazvi', 'speaker', 0, 0, 1, null),
    ('bg7uv7i4iw6m', 'hyftv3tzvr4d2epyi4pb', 'co_host', 0, 0, 0, null);

insert into moderation_log (room_id, number, entry) values
    ('sj7rnjgi5gym', 1, '{"number":1,"at_s":1795753800,"by":{"id":"hyftv3tzvr4d2epyi4pb","name":"Ada","picture":"/pictures/ec8a6eb2ba2a0f48f1378415517fb6ac243b417a208962653ff7c09c153dadc9.jpg"},"about":{"id":"9y8zgwwrj8py5p3fazvi","name":"Eve","picture":"/faces/9y8zgwwrj8py5p3fazvi.svg"},"deed":{"did":"banned"},"undone":false,"can_undo":true}');
