package bench

import "bytes"

// member finds a member of a JSON object and gives its value as it is written, quotes and escapes included; nil
// when there is none. The answers of a run are many and only a field or two of each is used, so nothing is decoded.
func member(object []byte, name string) []byte {
	depth, at := 0, 0
	for at < len(object) {
		switch object[at] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := textEnd(object, at)
			if rest, is := bytes.CutPrefix(bytes.TrimLeft(object[end:], " \t\r\n"), []byte(":")); is && depth == 1 && string(object[at+1:end-1]) == name {
				return value(bytes.TrimLeft(rest, " \t\r\n"))
			}
			at = end
			continue
		}
		at++
	}
	return nil
}

// textEnd gives where the text that begins at a quote is over, behind its last quote.
func textEnd(json []byte, at int) int {
	for at++; at < len(json) && json[at] != '"'; at++ {
		if json[at] == '\\' {
			at++
		}
	}
	return min(at+1, len(json))
}

// value cuts the text, number or word off that stands first; of an object or list only its beginning.
func value(json []byte) []byte {
	if len(json) > 0 && json[0] == '"' {
		return json[:textEnd(json, 0)]
	}
	for i, c := range json {
		if c == ',' || c == '}' {
			return json[:i]
		}
	}
	return json
}

// unquoted takes the quotes off a text without escapes, such as an id.
func unquoted(text []byte) []byte {
	if len(text) < 2 || text[0] != '"' {
		return nil
	}
	return text[1 : len(text)-1]
}
