package web

import "tolom/access"

// StaffRoute is a page of people as the tests see it.
type StaffRoute struct {
	Method, Path string
	Right        access.Right
	Centre       bool
}

// StaffRoutes are all pages of people, from the lists that they are registered by.
func StaffRoutes() (out []StaffRoute) {
	p := &pages{}
	for _, x := range p.consolePages() {
		out = append(out, StaffRoute{x.method, consolePath + x.path, x.right, true})
	}
	for _, x := range p.dashboardPages() {
		out = append(out, StaffRoute{x.method, dashboardPath + x.path, x.right, false})
	}
	return out
}
