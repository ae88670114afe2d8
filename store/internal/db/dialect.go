package db

// Server says that the database is PostgreSQL; otherwise it is an SQLite file.
func Server(d Database) bool {
	if j, within := d.(joined); within {
		d = j.Database
	}
	_, server := d.(*postgresDB)
	return server
}
