// Package gsm7 knows the alphabet of SMS: what a text costs in segments, how it
// is encoded and cut, and how to rewrite Spanish so that it costs less.
//
// It follows 3GPP TS 23.038 (the default alphabet and its extension; no national
// shift tables, which the providers do not offer) and counts as Twilio's segment
// calculator does, because that is what is billed and paced. A text is counted as
// it is given, since that is how it is sent: an e with a combining accent is not
// the é of the alphabet and makes the text UCS-2. Fold composes (Unicode NFC).
//
// Callers may not assume that a provider sends a text as counted here if it is
// allowed to rewrite it ("smart encoding"): send what Fold gave and switch that off.
package gsm7

import (
	"strings"
	"unicode/utf16"

	"github.com/rivo/uniseg"
)

// Encoding is how a text travels as SMS.
type Encoding string

// The two encodings: one character outside GSM7 makes the whole text UCS2.
const (
	GSM7 Encoding = "GSM-7"
	UCS2 Encoding = "UCS-2"
)

// Sizes of a message, in units of its encoding: alone, and per part when there
// are several, since each part then carries a header of six octets.
const (
	SingleGSM7 = 160 // septets
	PartGSM7   = 153
	SingleUCS2 = 70 // UTF-16 code units
	PartUCS2   = 67
)

// Offence is a character that is not in the GSM alphabet and so makes a text
// UCS-2.
type Offence struct {
	Rune rune
	Pos  int // index in runes, from 0
}

// Measure says what a text costs.
type Measure struct {
	Encoding   Encoding
	Units      int       // septets (GSM-7) or UTF-16 code units (UCS-2)
	Segments   int       // what is billed; 1 for an empty text
	PerSegment int       // units that fit in each segment: 160 or 153, 70 or 67
	Offending  []Offence // nil for GSM-7
}

// Count measures a text.
func Count(text string) Measure {
	m, _ := measure(text)
	return m
}

// Split returns the text cut as it is sent: every part fits in one segment, and
// no character of two septets and no visible character (an emoji of several code
// points, a letter with its accents) straddles a cut. An empty text is one empty
// part. Bytes that are not UTF-8 become U+FFFD.
func Split(text string) []string {
	_, parts := measure(text)
	return parts
}

func measure(text string) (Measure, []string) {
	runes := []rune(text)
	text = string(runes)
	m := Measure{Encoding: GSM7, Offending: offences(runes)}
	size, single, part, pieces := septets, SingleGSM7, PartGSM7, letters
	if m.Offending != nil {
		m.Encoding, size, single, part, pieces = UCS2, units, SingleUCS2, PartUCS2, clusters
	}
	for _, r := range runes {
		m.Units += size(r)
	}
	if m.Units <= single {
		m.Segments, m.PerSegment = 1, single
		return m, []string{text}
	}
	parts := pack(pieces(text, part), size, part)
	m.Segments, m.PerSegment = len(parts), part
	return m, parts
}

// pack fills parts with pieces that may not be cut.
func pack(pieces []string, size func(rune) int, part int) []string {
	var parts []string
	var current strings.Builder
	used := 0
	for _, piece := range pieces {
		n := 0
		for _, r := range piece {
			n += size(r)
		}
		if used+n > part {
			parts = append(parts, current.String())
			current.Reset()
			used = 0
		}
		current.WriteString(piece)
		used += n
	}
	return append(parts, current.String())
}

// letters cuts a text into its code points.
func letters(text string, _ int) []string { return strings.Split(text, "") }

// clusters cuts a text into visible characters. Two kinds are cut further, into
// code points: a line end of CR and LF, and what would not fit in any part.
func clusters(text string, part int) []string {
	var out []string
	state := -1
	for text != "" {
		var cluster string
		cluster, text, _, state = uniseg.FirstGraphemeClusterInString(text, state)
		if cluster == "\r\n" || len(utf16.Encode([]rune(cluster))) > part {
			out = append(out, letters(cluster, part)...)
			continue
		}
		out = append(out, cluster)
	}
	return out
}

// Fits reports whether a text is GSM-7 and fits in one segment, which is the
// target for every SMS: Mexican carriers do not guarantee longer ones.
func Fits(text string) bool {
	m := Count(text)
	return m.Encoding == GSM7 && m.Segments == 1
}

func offences(runes []rune) []Offence {
	var out []Offence
	for i, r := range runes {
		if septets(r) == 0 {
			out = append(out, Offence{Rune: r, Pos: i})
		}
	}
	return out
}

// Doubles returns the characters of a text that are in the extension of the GSM
// alphabet and so take two septets, in their order; Pos as in Offence. They make
// no text UCS-2.
func Doubles(text string) []Offence {
	var out []Offence
	for i, r := range []rune(text) {
		if septets(r) == 2 {
			out = append(out, Offence{Rune: r, Pos: i})
		}
	}
	return out
}

// units counts UTF-16 code units. A character that UTF-16 cannot hold was
// replaced by U+FFFD when the text became runes.
func units(r rune) int { return max(1, utf16.RuneLen(r)) }
