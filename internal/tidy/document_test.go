package tidy

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestArchitectureNamesEveryFolder(t *testing.T) {
	holds(t, foldersNamed)
	catches(t, foldersNamed, plant{"ARCHITECTURE.md": "`money/` counts.", "money/m.go": "package money", "web/w.go": "package web"}, "web/")
	catches(t, foldersNamed, plant{"money/m.go": "package money"}, "ARCHITECTURE.md is missing")
	passes(t, foldersNamed, plant{"ARCHITECTURE.md": "`money/` counts.", "money/m.go": "package money", ".ci/run": ""})
}

func TestLinksInDocumentsLead(t *testing.T) {
	holds(t, links)
	catches(t, links, plant{"README.md": "See [the tour](docs/tour.md)."}, "README.md:1: docs/tour.md")
	catches(t, links, plant{"docs/a.md": "\n![picture](images/b.png)", "images/b.png": ""}, "docs/a.md:2: images/b.png")
	passes(t, links, plant{
		"README.md":  "[a](docs/a.md#part) [b](https://example.com/) [c](#here) [d](docs/) [e](mailto:a@b)",
		"docs/a.md":  "[back](../README.md)",
		"docs/b.txt": "[no](document.md)",
	})
}

func TestReadmeAndChangelogAreThere(t *testing.T) {
	holds(t, expectedDocuments)
	catches(t, expectedDocuments, plant{"README.md": ""}, "CHANGELOG.md")
	passes(t, expectedDocuments, plant{"README.md": "", "CHANGELOG.md": ""})
}

func TestVersionsArePinned(t *testing.T) {
	holds(t, pinned)
	catches(t, pinned, plant{"go.mod": "require example.com/a v0.0.0-20250102030405-0123456789ab"}, "go.mod:1")
	catches(t, pinned, plant{"go.mod": "module tolom\n\nreplace example.com/a => ../a"}, "go.mod:3")
	catches(t, pinned, plant{"Makefile": "x:\n\tgo run example.com/tool@" + "latest"}, "Makefile:2")
	catches(t, pinned, plant{"e2e/package.json": "{\n\"dependencies\": {\"a\": \"^1.2.3\"}}"}, "e2e/package.json:2")
	passes(t, pinned, plant{
		"go.mod":           "require example.com/a v1.2.3\nrequire example.com/b v0.0.0-20250102030405-0123456789ab // indirect",
		"e2e/package.json": "{\"dependencies\": {\"a\": \"1.2.3\"}, \"engines\": {\"node\": \">=20\"}}",
	})
}

// foldersNamed leaves hidden folders out: they belong to tools.
func foldersNamed(files []file) (problems []string) {
	architecture, found := find(files, "ARCHITECTURE.md")
	if !found {
		return []string{"ARCHITECTURE.md is missing: it says what every folder is for"}
	}
	for _, folder := range topFolders(files) {
		if !strings.Contains(architecture.text, folder+"/") {
			problems = append(problems, fmt.Sprintf("%s/ is not named in ARCHITECTURE.md: say there what it is for", folder))
		}
	}
	return problems
}

func topFolders(files []file) (folders []string) {
	for _, f := range files {
		room := f.room()
		if !strings.HasPrefix(room, ".") && !slices.Contains(folders, room) {
			folders = append(folders, room)
		}
	}
	slices.Sort(folders)
	return folders
}

func find(files []file, name string) (file, bool) {
	i := slices.IndexFunc(files, func(f file) bool { return f.path == name })
	if i < 0 {
		return file{}, false
	}
	return files[i], true
}

func expectedDocuments(files []file) (problems []string) {
	for _, name := range []string{"README.md", "CHANGELOG.md"} {
		if _, found := find(files, name); !found {
			problems = append(problems, name+" is missing")
		}
	}
	return problems
}

// link is the target of a Markdown link or picture.
var link = regexp.MustCompile(`\]\(([^()\s]+)\)`)

// links checks those that lead to files; addresses and places within a page are left alone.
func links(files []file) (problems []string) {
	for _, f := range files {
		if !strings.HasSuffix(f.path, ".md") || f.isTestdata() {
			continue
		}
		n := 0
		for line := range strings.Lines(f.text) {
			n++
			for _, match := range link.FindAllStringSubmatch(line, -1) {
				target, _, _ := strings.Cut(match[1], "#")
				if target != "" && !strings.Contains(target, ":") && !leads(files, path.Join(f.folder(), target)) {
					problems = append(problems, fmt.Sprintf("%s:%d: %s is not there: mend the link", f.path, n, match[1]))
				}
			}
		}
	}
	return problems
}

// leads says whether a path is a file, or a folder of files, of the repository.
func leads(files []file, target string) bool {
	return slices.ContainsFunc(files, func(f file) bool {
		return f.path == target || strings.HasPrefix(f.path, target+"/")
	})
}

var (
	// pseudoVersion names a commit in place of a release. An indirect module's is its user's choice, not ours.
	pseudoVersion = regexp.MustCompile(`-\d{14}-[0-9a-f]{12}\s*$`)
	replacement   = regexp.MustCompile(`^replace\b|=>`)
	newest        = regexp.MustCompile(`@(latest|upgrade|master|main)\b`)
	versionRange  = regexp.MustCompile(`"\s*:\s*"([\^~*]|latest)`)
)

func pinned(files []file) (problems []string) {
	for _, f := range files {
		var loose []*regexp.Regexp
		switch {
		case f.path == "go.mod":
			loose = []*regexp.Regexp{pseudoVersion, replacement}
		case path.Base(f.path) == "package.json":
			loose = []*regexp.Regexp{versionRange}
		case f.path == "Makefile", f.room() == "scripts", f.room() == ".ci":
			loose = []*regexp.Regexp{newest}
		}
		for _, pattern := range loose {
			problems = append(problems, linesWith([]file{f}, pattern, "pin an exact released version")...)
		}
	}
	return problems
}
