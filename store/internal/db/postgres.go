package db

import (
	"context"
	"errors"
)

func OpenPostgres(ctx context.Context, dsn string, c Config) (Database, error) { return nil, errors.New("todo") }
