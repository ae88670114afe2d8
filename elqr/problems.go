package elqr

import (
	"unicode/utf8"
)

// Problem is one place where a readable code departs from its regulation. Do
// not pay a code that has any.
type Problem struct {
	Tag     string `json:"tag"`     // such as "59" or "32.10"
	Rule    string `json:"rule"`    // one of the Rule constants
	Message string `json:"message"` // in English, for a person
}

// The rules a field can break, stable.
const (
	RuleMissing     = "missing"     // the regulation wants the field
	RuleLength      = "length"      // too short or too long
	RulePattern     = "pattern"     // characters or values that are not allowed
	RuleDuplicate   = "duplicate"   // a nested field appears twice
	RuleCombination = "combination" // the field does not go with another one
)

// Problems measures the code against the field table of its dialect and the
// rules between fields; empty means it is in order. What real banks do and the
// national QR regulation tolerates is no problem: amount 0 on a static code,
// zero-padded amounts, empty nested fields, letters in 32.01, fields of other
// dialects.
func (c Code) Problems() []Problem {
	r := review{code: c}
	r.root.fill(c.Text)
	rules := rulesOf(c.Dialect)
	for i := range rules {
		if rules[i].tag != extraTag {
			r.row(&rules[i])
		}
	}
	if c.Dialect == ELQR {
		r.national()
	} else {
		r.tips()
		r.accounts()
	}
	return r.found
}

// review goes through a code; inside is the template asked for last.
type review struct {
	code     Code
	root     index
	inside   index
	insideOf string
	found    []Problem
}

func (r *review) add(tag, rule, message string) {
	r.found = append(r.found, Problem{Tag: tag, Rule: rule, Message: message})
}

// row checks one field of the table.
func (r *review) row(row *rule) {
	value, found, applies := r.value(row.tag)
	if !found || (value == "" && row.read.min == 0) {
		if applies && row.presence == mandatory {
			r.add(row.tag, RuleMissing, row.name+" is missing")
		}
		return
	}
	broken, message := row.judge(value, utf8.RuneCountInString(value), row.read, row.readAs)
	if broken != "" {
		r.add(row.tag, broken, message)
	} else if len(row.tag) == 2 && r.code.nests("", row.tag) {
		r.unique(row.tag)
	}
}

// unique reports a nested field that appears twice.
func (r *review) unique(template string) {
	if inside, _ := r.open(template); inside.twice != "" {
		r.add(template+"."+inside.twice, RuleDuplicate, "the field appears twice")
	}
}

// open takes a template apart; not present if there is none or it is broken.
func (r *review) open(template string) (inside *index, present bool) {
	if r.insideOf != template {
		r.inside.fill(r.root.text(template))
		r.insideOf = template
	}
	return &r.inside, r.inside.whole
}

// value finds the field of a row. A row inside a template applies only where
// the template is there and whole: otherwise the template's own row tells.
func (r *review) value(tag string) (value string, found, applies bool) {
	if len(tag) == len("32") {
		value, found = r.root.get(tag)
		return value, found, true
	}
	inside, present := r.open(tag[:2])
	if !present {
		return "", false, false
	}
	value, found = inside.get(tag[3:])
	return value, found, true
}

// national checks the rules between fields of a national code.
func (r *review) national() {
	r.addressed()
	amount, found := r.root.get("54")
	if tyiyn, ok := parseTyiyn(amount); found && ok && tyiyn == 0 && Kind(r.root.text("01")) == Dynamic {
		r.add("54", RuleCombination, "a dynamic code may not have amount 0")
	}
	for _, tag := range extraTags {
		r.extra(tag)
	}
}

// addressed checks that a code with a provider says what is paid there.
func (r *review) addressed() {
	service, _, hasProvider := r.value("32.01")
	merchant, _, _ := r.value("33.00")
	if hasProvider && service == "" && merchant == "" {
		r.add("32.01", RuleMissing, "neither a service code nor a merchant in 33.00 says what is paid")
	}
}

// extra checks one of the templates 35 to 39, which share a row of the table.
func (r *review) extra(tag string) {
	value, found := r.root.get(tag)
	if !found {
		return
	}
	shared := national[rowFrom(0, extraTag)]
	shared.tag = tag
	before := len(r.found)
	r.row(&shared)
	w := walker{text: value}
	for len(r.found) == before && w.advance() {
		if _, ok := parseExtra(w.value); !ok {
			r.add(tag+"."+w.tag, RulePattern, extraProblem(w.value))
		}
	}
}

// tips checks that the fee fields of EMVCo go with their indicator: 02 wants a
// fixed fee in 56, 03 a percentage in 57, and neither may stand without.
func (r *review) tips() {
	indicator := r.root.text("55")
	for _, fee := range [...]struct{ tag, indicator string }{{"56", "02"}, {"57", "03"}} {
		_, found := r.root.get(fee.tag)
		switch {
		case indicator == fee.indicator && !found:
			r.add(fee.tag, RuleMissing, "tag 55 announces this fee, but it is missing")
		case indicator != fee.indicator && found:
			r.add(fee.tag, RuleCombination, "this fee needs tag 55 to be "+fee.indicator)
		}
	}
}

// accounts checks the merchant accounts of EMVCo, tags 02 to 51. Those from 26
// are templates that name their network in 00.
func (r *review) accounts() {
	count := 0
	w := walker{text: r.code.Text}
	for w.advance() {
		if w.tag < "02" || w.tag > "51" {
			continue
		}
		count++
		if w.tag >= "26" {
			r.account(w.tag)
		}
	}
	if count == 0 {
		r.add("26", RuleMissing, "there is no merchant account in tags 02 to 51")
	}
}

func (r *review) account(tag string) {
	inside, whole := r.open(tag)
	if !whole {
		r.add(tag, RulePattern, "the merchant account does not consist of whole elements")
		return
	}
	if inside.text("00") == "" {
		r.add(tag+".00", RuleMissing, "the merchant account does not name its network")
	}
	r.unique(tag)
}
