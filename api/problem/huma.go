package problem

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tolom/fault"
)

// The framework keeps what it makes errors with in variables, so they are set before anything can be served.
func init() {
	huma.NewErrorWithContext = framework
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return From(context.Background(), translate(status, msg, errs))
	}
}

// framework renders an error that the framework itself found: a wrong query parameter, or our own mistake.
func framework(c huma.Context, status int, msg string, errs ...error) huma.StatusError {
	ctx := c.Context()
	a := From(ctx, translate(status, msg, errs))
	h := http.Header{}
	Headers(ctx, h, a)
	for name, values := range h {
		c.SetHeader(name, values[0])
	}
	return a
}

// unknownParameter is what the framework says of a query parameter that no operation has.
const unknownParameter = "unknown query parameter"

// translate turns the framework's first complaint into a fault with the name of the parameter.
func translate(status int, msg string, errs []error) *fault.Error {
	if status >= http.StatusInternalServerError {
		return fault.Wrap(fault.InternalError, fmt.Errorf("%s: %w", msg, errors.Join(errs...)))
	}
	for _, err := range errs {
		var d *huma.ErrorDetail
		if errors.As(err, &d) {
			return complaint(d)
		}
	}
	return fault.New(fault.InvalidRequest).Because(msg)
}

func complaint(d *huma.ErrorDetail) *fault.Error {
	where, name, _ := strings.Cut(d.Location, ".")
	switch {
	case d.Message == unknownParameter:
		return fault.New(fault.UnknownField).On(name).Because("this address has no query parameter of that name")
	case where == "body":
		return fault.New(fault.InvalidJSON).On(name).Because(d.Message)
	}
	return fault.New(fault.InvalidRequest).On(name).Because(where + " parameter: " + d.Message)
}
