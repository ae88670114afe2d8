package store

import (
	"context"
	"errors"
	"fmt"

	"tolom/id"
	"tolom/store/internal/db"
	"tolom/trail"
)

// sqlLog is a Merkle log over some numbered lines: its tables begin with its name.
type sqlLog struct {
	q    db.Querier
	name string
}

// sqlTrail is a log that grows.
type sqlTrail struct {
	sqlLog
	d db.Database
}

func trailOf(d db.Database, name string) sqlTrail { return sqlTrail{sqlLog{d, name}, d} }

func (l sqlLog) checkpoints(ctx context.Context, text string, args ...any) (out []Checkpoint, err error) {
	err = l.q.Query(ctx, "SELECT t.number, t.size, t.note, t.signed_at FROM "+l.name+"_checkpoint AS t "+text, func(scan db.Scan) error {
		var c Checkpoint
		var at int64
		err := scan(&c.Number, &c.Size, &c.Text, &at)
		c.At = db.Moment(at)
		out = append(out, c)
		return err
	}, args...)
	return out, err
}

// Checkpoint gives a checkpoint by its number, the newest for 0.
func (l sqlLog) Checkpoint(ctx context.Context, number int64) (Checkpoint, error) {
	if number == 0 {
		return one(l.checkpoints(ctx, "WHERE t.number > $1 ORDER BY t.number DESC LIMIT 1", int64(0)))
	}
	return one(l.checkpoints(ctx, "WHERE t.number = $1", number))
}

// Tiles gives those of the named tiles that there are. It asks for each: a tree of a milliard lines has four levels of tiles.
func (l sqlLog) Tiles(ctx context.Context, names []trail.Name) (out []trail.Tile, err error) {
	for _, n := range names {
		err := l.q.Query(ctx, "SELECT t.hashes FROM "+l.name+"_tile AS t WHERE t.level = $1 AND t.number = $2", func(scan db.Scan) error {
			var b []byte
			err := scan(&b)
			out = append(out, trail.Tile{Level: n.Level, Number: n.Number, Hashes: trail.Unpack(b)})
			return err
		}, int64(n.Level), n.Number)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Extend writes a checkpoint and its tiles. Of two nodes that do it at once the key of checkpoints lets one through.
func (l sqlTrail) Extend(ctx context.Context, c Checkpoint, tiles []trail.Tile) error {
	err := db.Do(ctx, l.d, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO "+l.name+"_checkpoint (number, size, note, signed_at) VALUES ($1, $2, $3, $4)", c.Number, c.Size, c.Text, db.Millis(c.At))
		if err != nil {
			return err
		}
		for _, t := range tiles {
			_, err := tx.Exec(ctx, "INSERT INTO "+l.name+"_tile (level, number, hashes) VALUES ($1, $2, $3)"+
				" ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes", int64(t.Level), t.Number, trail.Pack(t.Hashes))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, ErrTaken) {
		return fmt.Errorf("%w: another node was faster: %w", ErrRetry, err)
	}
	return err
}

// CheckpointPage gives checkpoints by number.
func (l sqlLog) CheckpointPage(ctx context.Context, after int64, limit int) ([]Checkpoint, error) {
	return l.checkpoints(ctx, "WHERE t.number > $1 ORDER BY t.number LIMIT $2", after, int64(limit))
}

// TilesOf gives those of the named tiles that there are.
func (l sqlLog) TilesOf(ctx context.Context, names []trail.Name) ([]trail.Tile, error) {
	return l.Tiles(ctx, names)
}

// TileAfter names the next tile that there is.
func (l sqlLog) TileAfter(ctx context.Context, after trail.Name) (trail.Name, error) {
	var found []trail.Name
	err := l.q.Query(ctx, "SELECT t.level, t.number FROM "+l.name+"_tile AS t WHERE (t.level, t.number) > ($1, $2) ORDER BY t.level, t.number LIMIT 1", func(scan db.Scan) error {
		var level, number int64
		err := scan(&level, &number)
		found = append(found, trail.Name{Level: int(level), Number: number})
		return err
	}, int64(after.Level), after.Number)
	return one(found, err)
}

// Checkpoint, Tiles and Extend are of the log of facts.
func (s *sqlStore) Checkpoint(ctx context.Context, number int64) (Checkpoint, error) {
	return trailOf(s.d, "trail").Checkpoint(ctx, number)
}

// Tiles gives those of the named tiles that there are.
func (s *sqlStore) Tiles(ctx context.Context, names []trail.Name) ([]trail.Tile, error) {
	return trailOf(s.d, "trail").Tiles(ctx, names)
}

// Extend writes a checkpoint and its tiles.
func (s *sqlStore) Extend(ctx context.Context, c Checkpoint, tiles []trail.Tile) error {
	return trailOf(s.d, "trail").Extend(ctx, c, tiles)
}

func (a sqlArchive) facts() sqlLog { return sqlLog{a.q, "trail"} }

func (a sqlArchive) CheckpointPage(ctx context.Context, after int64, limit int) ([]Checkpoint, error) {
	return a.facts().CheckpointPage(ctx, after, limit)
}

func (a sqlArchive) TilesOf(ctx context.Context, names []trail.Name) ([]trail.Tile, error) {
	return a.facts().Tiles(ctx, names)
}

func (a sqlArchive) TileAfter(ctx context.Context, after trail.Name) (trail.Name, error) {
	return a.facts().TileAfter(ctx, after)
}

// LogPage reads the facts on their own, so that a place whose fact is gone is not passed over.
func (a sqlArchive) LogPage(ctx context.Context, after int64, limit int) (out []LogRow, err error) {
	var names []id.ID
	var reader, fact string
	var at int64
	err = a.q.Query(ctx, "SELECT f.position, f.reader, f.sequence, f.fact, f.bucket, f.happened_at FROM feed AS f"+
		" WHERE f.position > $1 ORDER BY f.position LIMIT $2", func(scan db.Scan) error {
		var w LogRow
		err := scan(&w.Position, &reader, &w.Sequence, &fact, &w.Shards[0], &at)
		w.Reader, w.Named, w.At = id.ID(reader), id.ID(fact), db.Moment(at)
		out, names = append(out, w), append(names, w.Named)
		return err
	}, after, int64(limit))
	if err != nil {
		return nil, err
	}
	return out, a.fillLog(ctx, out, names)
}

func (a sqlArchive) fillLog(ctx context.Context, places []LogRow, names []id.ID) error {
	var shard int64
	rows, found := factTable.Reader(&shard), map[id.ID]LogRow{}
	err := a.q.Query(ctx, "SELECT "+factTable.Columns()+", t.bucket FROM fact AS t WHERE t.id = ANY($1)", func(scan db.Scan) error {
		f, err := rows.Row(scan)
		found[f.ID] = LogRow{FeedItem: FeedItem{Fact: f}, Shards: [2]int64{0, shard}}
		return err
	}, texts(names))
	for i := range places {
		got := found[places[i].Named]
		places[i].Fact, places[i].Shards[1] = got.Fact, got.Shards[1]
	}
	return err
}

// strayPage tells of each fact whether it is a stray. A batch knows where its facts lie.
const strayPage = "SELECT t.id, CASE WHEN b.id IS NULL THEN 1 WHEN b.position IS NULL THEN 0 WHEN EXISTS (SELECT 1 FROM feed AS f" +
	" WHERE f.position >= b.position AND f.position < b.position + b.facts AND f.fact = t.id) THEN 0 ELSE 1 END" +
	" FROM (SELECT x.id, x.batch FROM fact AS x WHERE x.id > $1 ORDER BY x.id LIMIT $2) AS t LEFT JOIN batch AS b ON b.id = t.batch ORDER BY t.id"

func (a sqlArchive) StrayPage(ctx context.Context, after id.ID, limit int) (strays []id.ID, last id.ID, err error) {
	err = a.q.Query(ctx, strayPage, func(scan db.Scan) error {
		var name string
		var stray int64
		err := scan(&name, &stray)
		if last = id.ID(name); stray == 1 {
			strays = append(strays, last)
		}
		return err
	}, string(after), int64(limit))
	return strays, last, err
}
