package db

// Server says that the database is PostgreSQL; otherwise it is an SQLite file.
func Server(d Database) bool {
	_, server := d.(*postgresDB)
	return server
}
