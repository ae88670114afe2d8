package invariant

import (
	"tolom/id"
	"tolom/store"
)

// holder is a thing that must hold a name.
type holder struct {
	name   store.Name
	object id.ID
}

// holds notes that a thing must hold a name; names are looked up many at a time.
func (a *audit) holds(scope, key string, object id.ID) {
	a.names = append(a.names, holder{store.Name{Scope: scope, Key: key}, object})
}

// nameBatch is how many names are looked up at once.
const nameBatch = 1000

// checkNames looks up the names that were noted.
func (a *audit) checkNames() error {
	for len(a.names) > 0 {
		some := a.names[:min(len(a.names), nameBatch)]
		a.names = a.names[len(some):]
		if err := a.lookUp(some); err != nil {
			return err
		}
	}
	a.names = nil
	return nil
}

func (a *audit) lookUp(some []holder) error {
	names := make([]store.Name, len(some))
	for i, h := range some {
		names[i] = h.name
	}
	claims, err := a.archive.ClaimsOf(a.ctx, names)
	if err != nil {
		return err
	}
	object := make(map[store.Name]id.ID, len(claims))
	for _, c := range claims {
		object[store.Name{Scope: c.Scope, Key: c.Key}] = c.Object
	}
	a.report.look(Names, int64(len(some)))
	for _, h := range some {
		if object[h.name] != h.object {
			a.broken(Names, string(h.object), "its name %q in %q is held by %q", h.name.Key, h.name.Scope, object[h.name])
		}
	}
	return nil
}
