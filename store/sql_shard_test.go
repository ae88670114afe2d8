package store

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tolom/internal/pgtest"
	"tolom/store/internal/db"
)

var update = flag.Bool("update", false, "rewrite the list of statements that would cross shards")

// shardless are unique indexes without the bucket, each with the reason why it
// may be so. On shards each of these tables is kept whole on one node, or copied to all.
var shardless = map[string]string{
	"feed_pkey":                   "positions count over all shards; the sequencer is one, and the feed is narrow",
	"feed_reader_sequence_key":    "a reader's sequence has no gaps, so whoever gives it out must see all of the reader's",
	"trail_tile_pkey":             "one log for all shards, as one feed: its hashes are numbered like its lines",
	"trail_checkpoint_pkey":       "one log for all shards: a checkpoint stands for all lines before it",
	"deed_pkey":                   "one log of what people do for all shards, and few lines: the sequencer is one",
	"deed_source_name_number_key": "an event has one place in that log",
	"deed_tile_pkey":              "as trail_tile_pkey",
	"deed_checkpoint_pkey":        "as trail_checkpoint_pkey",
	"api_key_hash_key":            "reference data: a secret is looked up before anybody knows whose it is",
	"pairing_hash_key":            "reference data: a code is looked up before anybody knows whose it is",
	"till_session_hash_key":       "reference data: a token is looked up before anybody knows whose it is",
	"tariff_version_moment":       "reference data: versions of an owner lie in its bucket, and those of categories and the centre in bucket 0",
	"operator_login_key":          "reference data: a few members of staff",
	"person_login_key":            "reference data: a login is looked up before anybody knows whose it is",
	"staff_session_hash_key":      "reference data: a token is looked up before anybody knows whose it is",
	"invitation_hash_key":         "reference data: a link is looked up before anybody knows whose it is",
	"passkey_credential_key":      "reference data: a credential is looked up before anybody knows whose it is",
	"ticket_hash_key":             "short-lived: a ticket is looked up before anybody knows whose it is",
	"tolom_schema_pkey":           "the migrations' own",
	"tolom_lock_pkey":             "the migrations' own",
}

const uniqueIndexes = "SELECT c.relname, (SELECT count(*) FROM pg_attribute AS a WHERE a.attrelid = x.indexrelid AND a.attname = 'bucket')" +
	" FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid JOIN pg_class AS t ON t.oid = x.indrelid" +
	" WHERE x.indisunique AND t.relnamespace = CAST(current_schema() AS regnamespace)"

const tablesWithoutKey = "SELECT t.relname, 0 FROM pg_class AS t WHERE t.relkind = 'r' AND t.relnamespace = CAST(current_schema() AS regnamespace)" +
	" AND NOT EXISTS (SELECT 1 FROM pg_index AS x WHERE x.indrelid = t.oid AND x.indisprimary)"

func TestEveryKeyContainsTheBucket(t *testing.T) {
	d := openServer(t, pgtest.New(t))
	defer d.Close()
	indexes := counted(t, d, uniqueIndexes)
	if len(indexes) < 20 {
		t.Errorf("the catalogue names only %d unique indexes", len(indexes))
	}
	for name, buckets := range indexes {
		switch reason, excepted := shardless[name]; {
		case buckets == 0 && !excepted:
			t.Errorf("%s does not contain the bucket: on shards it could not be kept unique; add it, or say in shardless why not", name)
		case buckets > 0 && excepted:
			t.Errorf("%s contains the bucket now: take it off the list (%s)", name, reason)
		}
	}
	for name := range counted(t, d, tablesWithoutKey) {
		t.Errorf("table %s has no primary key", name)
	}
}

// counted gives the names and numbers that a question is answered with.
func counted(t *testing.T, d db.Database, text string) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	must(t, d.Query(t.Context(), text, func(scan db.Scan) error {
		var name string
		var n int64
		err := scan(&name, &n)
		out[name] = n
		return err
	}))
	return out
}

var (
	pinned = regexp.MustCompile(`\bbucket = |^INSERT INTO \w+ \([^)]*\bbucket\b`)
	// central are tables that are kept whole on one node or copied to all.
	central = regexp.MustCompile(`(?:FROM|INTO|UPDATE|TABLE) (?:merchant|place|till|psp|participant|api_key|operator|endpoint|spending_limit|feed|feed_head)\b`)
	asks    = regexp.MustCompile(`(FROM|JOIN|DELETE FROM) (request|request_total|payment|live|refund|fact|entry|balance|delivery|claim|batch|ack)\b(?:[^(]*? WHERE (?:\w+\.)?\(?(\w+)| AS \w+ ON (?:\w+\.)?(\w+))`)
	// carriers are columns whose value, an id or an account, contains the bucket of
	// the row: a statement by one of them needs only to be told so.
	carriers = []string{"id", "merchant", "request", "credit", "debit", "account", "endpoint", "payment"}
)

// crossing sorts the noted statements that say of no table in which bucket its
// rows lie: table and column by which they look.
func (n *notes) crossing() (tellable, all []string) {
	for text := range n.asked {
		every := asks.FindAllStringSubmatch(text, -1)
		if len(every) == 0 || pinned.MatchString(text) || central.MatchString(text) {
			continue
		}
		found := every[len(every)-1] // the innermost question
		by := found[3] + found[4]
		line := found[2] + " by " + by
		if slices.Contains(carriers, by) {
			tellable = append(tellable, line)
		} else {
			all = append(all, line)
		}
	}
	slices.Sort(tellable)
	slices.Sort(all)
	return slices.Compact(tellable), slices.Compact(all)
}

// CheckShards compares the statements that would cross shards with the list in
// testdata, which docs/scale.md explains: a new one is seen and thought about.
func (w Watch) CheckShards(t *testing.T) {
	const path = "testdata/crossing.golden"
	tellable, all := w.notes.crossing()
	got := "# Questions that name no bucket, as table and column by which it is searched; docs/scale.md says what follows.\n" +
		"# Written by TestPostgreSQLKeepsTheContract; after a wanted change run: go test ./store -run PostgreSQLKeeps -update\n\n" +
		"The column contains the bucket: adding it keeps the question on one shard.\n  " + strings.Join(tellable, "\n  ") +
		"\n\nEvery shard is asked.\n  " + strings.Join(all, "\n  ") + "\n"
	if *update {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if string(want) != got {
		t.Errorf("%s is no longer true; if the change is wanted, run this test with -update. Got:\n%s", path, got)
	}
}
