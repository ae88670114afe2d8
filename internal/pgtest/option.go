package pgtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Option changes how a cluster is set up.
type Option func(*config)

// config is what options write to: lines of postgresql.conf, whether to listen on loopback, and where to live.
type config struct {
	values map[string]string
	tcp    bool
	folder string
}

// Fast gives up durability for speed: a killed server may lose or corrupt what it had. Only for tests that
// neither kill the server nor measure it.
func Fast(c *config) {
	c.values["fsync"] = "off"
	c.values["synchronous_commit"] = "off"
	c.values["full_page_writes"] = "off"
}

// Sized gives the server memory and log as on a machine of its own, for measurements: the defaults are those of a
// small one, where checkpoints follow each other and write every page whole again. It is as durable as without.
func Sized(c *config) {
	c.values["shared_buffers"] = "'2GB'"
	c.values["max_wal_size"] = "'8GB'"
	c.values["checkpoint_timeout"] = "'15min'"
	c.values["wal_compression"] = "'lz4'"
}

// TCP makes the server listen on a free port of 127.0.0.1 as well, for tests that put a faulty proxy in between.
func TCP(c *config) { c.tcp = true }

// On puts the whole server into a folder, such as that of a small disk. Its log is then cut into small pieces, so
// that a disk without room is noticed soon.
func On(folder string) Option {
	return func(c *config) { c.folder = folder }
}

// Set writes one setting of postgresql.conf; value is quoted as that file wants it, for instance "'10s'".
func Set(name, value string) Option {
	return func(c *config) { c.values[name] = value }
}

// text renders the settings in the order of their names.
func (c *config) text() string {
	var b strings.Builder
	b.WriteString("\n")
	for _, name := range slices.Sorted(maps.Keys(c.values)) {
		fmt.Fprintf(&b, "%s = %s\n", name, c.values[name])
	}
	return b.String()
}
