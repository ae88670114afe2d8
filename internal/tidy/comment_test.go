package tidy

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

// wantDocumented is the share of exported names that must have a comment, in percent.
const wantDocumented = 95

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	holds(t, packageComments)
	catches(t, packageComments, plant{"money/m.go": "package money"}, "money: no file has a package comment")
	catches(t, packageComments, plant{"money/m.go": "// Hello.\npackage money"}, "must begin with \"Package money\"")
	passes(t, packageComments, plant{"money/m.go": "package money", "money/doc.go": "// Package money counts.\npackage money"})
	passes(t, packageComments, plant{"cmd/tolom/main.go": "// Command tolom is the binary.\npackage main"})
	passes(t, packageComments, plant{"money/m.go": "// Package money counts.\npackage money", "money/m_test.go": "package money_test"})
}

func TestExportedNamesAreDocumented(t *testing.T) {
	holds(t, documentedNames)
	catches(t, documentedNames, plant{"money/m.go": "package money\nfunc Add() {}"}, "money/m.go:2 Add")
	catches(t, documentedNames, plant{"money/m.go": "package money\ntype T struct{}\n// A is.\nfunc (T) A() {}"}, "money/m.go:2 T")
	catches(t, documentedNames, plant{"money/m.go": "package money\nconst (\n\tA = 1\n)"}, "money/m.go:3 A")
	passes(t, documentedNames, plant{"money/m.go": "package money\n// The limits.\nconst (\n\tA = 1\n)\nvar B = 2 // a number"})
	passes(t, documentedNames, plant{"money/m.go": "package money\ntype t struct{}\nfunc (t) Add() {}\nfunc add() {}"})
}

// packageComments takes the tests of a package for its only files where there are no others.
func packageComments(files []file) (problems []string) {
	packages := map[string][]file{}
	for _, f := range handwritten(files) {
		packages[f.folder()] = append(packages[f.folder()], f)
	}
	for _, folder := range slices.Sorted(maps.Keys(packages)) {
		comments := commentsOf(packages[folder])
		name := packages[folder][0].syntax.Name.Name
		want := "Package " + strings.TrimSuffix(name, "_test")
		if name == "main" {
			want = "Command "
		}
		switch {
		case len(comments) == 0:
			problems = append(problems, fmt.Sprintf("%s: no file has a package comment: say in one what the package is for", folder))
		case !slices.ContainsFunc(comments, func(c string) bool { return strings.HasPrefix(c, want) }):
			problems = append(problems, fmt.Sprintf("%s: the package comment must begin with %q", folder, want))
		}
	}
	return problems
}

func commentsOf(files []file) (comments []string) {
	for _, f := range files {
		if f.syntax.Doc != nil {
			comments = append(comments, f.syntax.Doc.Text())
		}
	}
	return comments
}

func documentedNames(files []file) []string {
	exported, missing := 0, []string{}
	for _, f := range code(files) {
		for _, declaration := range f.syntax.Decls {
			for _, name := range exportedBy(declaration) {
				exported++
				if !name.documented {
					missing = append(missing, f.at(name.ident)+" "+name.ident.Name)
				}
			}
		}
	}
	if len(missing)*100 <= exported*(100-wantDocumented) {
		return nil
	}
	return []string{fmt.Sprintf("%d of %d exported names have no comment, %d %% must have one: write one for\n\t%s",
		len(missing), exported, wantDocumented, strings.Join(missing, "\n\t"))}
}

// exportedName is a name that other packages can see, and whether a comment stands above, beside or over its group.
type exportedName struct {
	ident      *ast.Ident
	documented bool
}

func exportedBy(declaration ast.Decl) []exportedName {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && (d.Recv == nil || receiver(d).IsExported()) {
			return []exportedName{{d.Name, d.Doc != nil}}
		}
	case *ast.GenDecl:
		if d.Tok != token.IMPORT {
			return exportedBySpecs(d)
		}
	}
	return nil
}

func exportedBySpecs(d *ast.GenDecl) (names []exportedName) {
	add := func(ident *ast.Ident, comments ...*ast.CommentGroup) {
		documented := slices.ContainsFunc(comments, func(c *ast.CommentGroup) bool { return c != nil })
		if ident.IsExported() {
			names = append(names, exportedName{ident, documented})
		}
	}
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			add(s.Name, d.Doc, s.Doc, s.Comment)
		case *ast.ValueSpec:
			for _, ident := range s.Names {
				add(ident, d.Doc, s.Doc, s.Comment)
			}
		}
	}
	return names
}

// receiver finds the name of the type that a method belongs to.
func receiver(function *ast.FuncDecl) *ast.Ident {
	expression := function.Recv.List[0].Type
	for {
		switch e := expression.(type) {
		case *ast.StarExpr:
			expression = e.X
		case *ast.IndexExpr:
			expression = e.X
		case *ast.IndexListExpr:
			expression = e.X
		case *ast.Ident:
			return e
		default:
			return ast.NewIdent("_")
		}
	}
}
