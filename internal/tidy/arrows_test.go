package tidy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The rooms from the ground up. A room may import only rooms before it; doors do not import each other.
var (
	ground = []string{"flaw", "money", "fault", "id", "elqr", "qrimage", "seal", "tariff", "ledger", "payment", "books", "proposal", "settlement", "clearing", "recon", "sheet", "report", "trail", "wire"}
	middle = []string{"world", "store", "invariant", "access", "engine", "flow", "notify", "archive", "courier", "jobs"}
	doors  = []string{"client", "sandbox", "api", "web", "bench", "sim", "cmd"}
)

// throughDoors are the arrows between doors that are allowed.
var throughDoors = map[string]string{
	"cmd > client":     "the binary wires everything",
	"cmd > sandbox":    "the binary wires everything",
	"cmd > api":        "the binary wires everything",
	"cmd > web":        "the binary wires everything",
	"cmd > bench":      "the binary wires everything",
	"cmd > sim":        "the binary wires everything",
	"sim > client":     "its merchants and banks call the platform through the SDK, as real ones do",
	"sim > sandbox":    "its banks are the simulated PSP",
	"sim > api":        "its nodes serve the APIs of production",
	"sandbox > client": "the simulated PSP speaks to the platform like any other PSP, through the SDK",
}

// workshop are folders that test and build the others; no room may import them outside its tests.
var workshop = []string{"internal", "e2e"}

// impure are packages that bring effects, the time or chance into code, with all below them. The ground does
// without them; net/url and net/netip only compute.
var impure = regexp.MustCompile(`^(context|crypto/rand|database/sql|log|math/rand|net/(http|rpc|smtp)|os|syscall)(/|$)|^net$`)

// groundLibraries are the modules from elsewhere that a room of the ground may use, and why. The ground stands on
// the standard library otherwise, so that it can be read alone.
var groundLibraries = map[string]map[string]string{
	"trail": {"golang.org/x/mod": "Merkle trees and signed notes as transparency logs have them, well looked at"},
	"sheet": {"codeberg.org/go-pdf/fpdf": "writing PDF is not what this project is for"},
	"recon": {"golang.org/x/text/encoding": "banks in Kyrgyzstan still write statements in windows-1251"},
	"qrimage": {
		"codeberg.org/go-pdf/fpdf":      "writing PDF is not what this project is for",
		"golang.org/x/image":            "drawing letters into a picture, reading WebP",
		"golang.org/x/text/encoding":    "telling gozxing to leave bytes as they stand",
		"github.com/makiuchi-d/gozxing": "finding a code in a photograph",
		"rsc.io/qr":                     "error correction of QR codes",
	},
}

func TestRoomsImportOnlyDownwards(t *testing.T) {
	holds(t, arrows)
	catches(t, arrows, plant{"money/m.go": "package money\nimport _ \"tolom/ledger\""}, "money must not import ledger")
	catches(t, arrows, plant{"flow/f.go": "package flow\nimport _ \"tolom/api/psp\""}, "flow must not import api")
	catches(t, arrows, plant{"web/w.go": "package web\nimport _ \"tolom/api\""}, "web must not import api")
	catches(t, arrows, plant{"store/s.go": "package store\nimport _ \"tolom/internal/pgtest\""}, "store must not import internal")
	passes(t, arrows, plant{
		"money/m.go":           "package money",
		"ledger/l.go":          "package ledger\nimport _ \"tolom/money\"",
		"cmd/tolom/m.go":       "package main\nimport _ \"tolom/ledger\"",
		"money/m_test.go":      "package money\nimport _ \"tolom/ledger\"",
		"store/storetest/s.go": "package storetest\nimport _ \"tolom/ledger\"",
		"store/sqlite/s.go":    "package sqlite\nimport _ \"tolom/money\"",
		"internal/tidy/t.go":   "package tidy\nimport _ \"tolom/web\"",
	})
}

func TestEveryFolderOfCodeIsAKnownRoom(t *testing.T) {
	holds(t, knownRooms)
	catches(t, knownRooms, plant{"common/c.go": "package common"}, "common/ is no room")
	passes(t, knownRooms, plant{"money/m.go": "package money", "internal/tidy/t.go": "package tidy"})
}

func TestGroundIsPure(t *testing.T) {
	holds(t, purity)
	for _, library := range []string{"context", "math/rand/v2", "crypto/rand", "net", "net/http", "database/sql", "os", "os/exec", "log/slog"} {
		catches(t, purity, plant{"money/m.go": "package money\nimport _ \"" + library + "\""}, library)
	}
	catches(t, purity, plant{"money/m.go": "package money\nimport _ \"rsc.io/qr\""}, "groundLibraries")
	passes(t, purity, plant{
		"money/m.go":      "package money\nimport _ \"time\"\nimport _ \"net/url\"\nimport _ \"tolom/fault\"",
		"money/m_test.go": "package money\nimport _ \"os\"",
		"qrimage/q.go":    "package qrimage\nimport _ \"rsc.io/qr/coding\"",
		"store/s.go":      "package store\nimport _ \"context\"",
	})
}

func arrows(files []file) (problems []string) {
	for _, f := range code(files) {
		if slices.Contains(workshop, f.room()) {
			continue
		}
		for _, imported := range imports(f) {
			path, own := strings.CutPrefix(imported, "tolom/")
			room, _, _ := strings.Cut(path, "/")
			if own && !mayImport(f.room(), room) {
				problems = append(problems, fmt.Sprintf("%s: %s must not import %s: move the code to a lower room, or let the caller pass in what is needed", f.path, f.room(), room))
			}
		}
	}
	return problems
}

// mayImport is the whole rule of the arrows.
func mayImport(from, to string) bool {
	if from == to {
		return true
	}
	if slices.Contains(doors, from) && slices.Contains(doors, to) {
		return throughDoors[from+" > "+to] != ""
	}
	order := slices.Concat(ground, middle, doors)
	return slices.Contains(order, to) && slices.Index(order, to) < slices.Index(order, from)
}

func knownRooms(files []file) (problems []string) {
	known := slices.Concat(ground, middle, doors, workshop)
	for _, f := range handwritten(files) {
		if slices.Contains(known, f.room()) {
			continue
		}
		problem := fmt.Sprintf("%s/ is no room: put the code into one of the rooms, or add the room to the lists in internal/tidy and to ARCHITECTURE.md", f.room())
		if !slices.Contains(problems, problem) {
			problems = append(problems, problem)
		}
	}
	return problems
}

func purity(files []file) (problems []string) {
	for _, f := range code(files) {
		if !slices.Contains(ground, f.room()) {
			continue
		}
		for _, imported := range imports(f) {
			if impure.MatchString(imported) {
				problems = append(problems, fmt.Sprintf("%s: the ground must not import %s: pass the value in, or move the code to the middle", f.path, imported))
			}
			if foreign(imported) && !allowedLibrary(f.room(), imported) {
				problems = append(problems, fmt.Sprintf("%s: the ground does without %s; if it cannot, say why in groundLibraries of internal/tidy", f.path, imported))
			}
		}
	}
	return problems
}

// foreign tells a module from elsewhere by the dot of its host.
func foreign(imported string) bool {
	host, _, _ := strings.Cut(imported, "/")
	return strings.Contains(host, ".")
}

func allowedLibrary(room, imported string) bool {
	for module := range groundLibraries[room] {
		if imported == module || strings.HasPrefix(imported, module+"/") {
			return true
		}
	}
	return false
}

// imports lists the paths that a Go file imports.
func imports(f file) []string {
	var paths []string
	for _, spec := range f.syntax.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			panic(err) // The parser has accepted it.
		}
		paths = append(paths, path)
	}
	return paths
}
