/** Fills a server with more rooms than one page of the list has. */
import type { Visitor } from './visitor';

/** Adds idle rooms to the visitor's server: `Reading circle 01`, `Reading circle 02` and so on. The room with the highest number is the
 *  newest. The server is restarted, because it reads its rooms when it starts. */
export async function addEmptyRooms(visitor: Visitor, many: number): Promise<void> {
  // An open page would log errors while the server is away.
  await visitor.page.goto('about:blank');
  await visitor.server.restart('SIGTERM', async () => {
    await visitor.server.database.ask(`
      insert into rooms (id, topic, kind, opened_by, opened_at, standing)
      with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < ${many})
      select printf('empty-room-%04d', number), printf('Reading circle %02d', number), 'open',
             (select id from users limit 1), number, 1
        from numbers`);
  });
}
