package tidy

import (
	"fmt"
	"go/ast"
	"iter"
	"path"
	"slices"
	"strconv"
)

// uses finds where a file uses names of an imported package, by whatever name the file imports it.
func uses(f file, imported string, names ...string) (found []string) {
	local := localName(f, imported)
	if local == "" {
		return nil
	}
	ast.Inspect(f.syntax, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		left, ok := selector.X.(*ast.Ident)
		if ok && left.Name == local && slices.Contains(names, selector.Sel.Name) {
			found = append(found, fmt.Sprintf("%s: %s.%s", f.at(selector), imported, selector.Sel.Name))
		}
		return true
	})
	return found
}

// localName is the name of an imported package within a file, "" if it is not imported.
func localName(f file, imported string) string {
	for _, spec := range f.syntax.Imports {
		if spec.Path.Value != strconv.Quote(imported) {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(imported)
	}
	return ""
}

// builtins finds calls, within a part of a file, of functions that need no import.
func builtins(f file, part ast.Node, names ...string) (found []string) {
	ast.Inspect(part, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		if name, ok := call.Fun.(*ast.Ident); ok && slices.Contains(names, name.Name) {
			found = append(found, fmt.Sprintf("%s: %s", f.at(call), name.Name))
		}
		return true
	})
	return found
}

// declared yields the names that a file gives to its own things: types, functions, values, fields and locals.
func declared(f file) iter.Seq[*ast.Ident] {
	return func(yield func(*ast.Ident) bool) {
		all := func(idents ...*ast.Ident) bool {
			return !slices.ContainsFunc(idents, func(i *ast.Ident) bool { return !yield(i) })
		}
		going := true
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.FuncDecl:
				going = going && all(n.Name)
			case *ast.TypeSpec:
				going = going && all(n.Name)
			case *ast.ValueSpec:
				going = going && all(n.Names...)
			case *ast.Field:
				going = going && all(n.Names...)
			}
			return going
		})
	}
}
