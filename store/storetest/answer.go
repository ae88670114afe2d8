package storetest

import (
	"errors"
	"reflect"

	"tolom/payment"
	"tolom/store"
)

// answer is what a question to the store came to.
type answer[T any] struct {
	value T
	err   error
}

func ask[T any](value T, err error) answer[T] { return answer[T]{value, err} }

// get gives the value of a question that must be answered.
func (a answer[T]) get(k *kit) T {
	k.t.Helper()
	k.must(a.err)
	return a.value
}

// missing checks that the answer is ErrNotFound.
func (a answer[T]) missing(k *kit) {
	k.t.Helper()
	if !errors.Is(a.err, store.ErrNotFound) {
		k.t.Fatalf("got %+v and the error %v, want ErrNotFound", a.value, a.err)
	}
}

// equal compares rows. A list that is empty equals none.
func equal[T any](k *kit, got, want T) {
	k.t.Helper()
	if !reflect.DeepEqual(canonical(reflect.ValueOf(&got).Elem()), canonical(reflect.ValueOf(&want).Elem())) {
		k.t.Fatalf("\ngot  %+v\nwant %+v", got, want)
	}
}

// canonical forgets the difference between an empty list and none.
func canonical(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Slice:
		out := []any{}
		for i := range v.Len() {
			out = append(out, canonical(v.Index(i)))
		}
		return out
	case reflect.Map:
		if v.Len() == 0 {
			return nil
		}
	}
	switch row := v.Interface().(type) {
	case payment.Request:
		extra, metadata := canonical(reflect.ValueOf(row.Extra)), canonical(reflect.ValueOf(row.Metadata))
		row.Extra, row.Metadata = nil, nil
		return []any{row, extra, metadata}
	case store.Endpoint:
		secrets, types := canonical(reflect.ValueOf(row.Secrets)), canonical(reflect.ValueOf(row.Types))
		row.Secrets, row.Types = nil, nil
		return []any{row, secrets, types}
	}
	return v.Interface()
}

// refused checks that a call fails, whatever the error is called.
func refused(k *kit, err error) {
	k.t.Helper()
	if err == nil {
		k.t.Fatal("the call went through; it must be refused")
	}
}
