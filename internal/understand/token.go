package understand

// tokenKind tells words, numbers, punctuation and pictures apart.
type tokenKind uint8

const (
	kindWord tokenKind = iota
	kindNumber
	kindMark
	kindPicture
)

// Flags of a token.
const (
	flagAccent  uint8 = 1 << iota // the writer put an accent in the word
	flagGlued                     // no space stood before it
	flagFuzzy                     // known only after repairing the spelling
	flagSuspect                   // foreign letters, hidden runes or overrides: never a yes
	flagSlip                      // repaired by guessing a slip of the thumb
	flagStop                      // a sentence ends after it
	flagComma                     // a comma or a line break follows it
	flagCopy                      // second and later words of an expanded spelling ("porfa")
)

// token is one piece of the message. start and end are bytes of the text.
type token struct {
	id         wordID
	kind       tokenKind
	mark       byte
	flags      uint8
	start, end uint16
}

// Bounds of one message. What lies beyond is not read, and such a message is
// never a yes: bounded work matters more than a reading of an essay.
const (
	maxBytes  = 6400
	maxTokens = 120
	maxWord   = 40
)

// tokens is the message in pieces: all holds every piece, words the positions
// of the pieces that patterns may match (everything but punctuation).
type tokens struct {
	all   [maxTokens]token
	words [maxTokens]uint8
	n     int
	count int  // of words
	cut   bool // the message was longer than the bounds
	odd   bool // some piece is suspect
}

func (t *tokens) add(k token) {
	if t.n == maxTokens {
		t.cut = true
		return
	}
	t.all[t.n] = k
	if k.kind != kindMark {
		t.words[t.count] = uint8(t.n)
		t.count++
	}
	t.n++
	t.odd = t.odd || k.flags&flagSuspect != 0
}

// after returns the word that follows word i in the same sentence, or nil.
func (t *tokens) after(i int) *token {
	if i+1 >= t.count || t.word(i).flags&flagStop != 0 {
		return nil
	}
	return t.word(i + 1)
}

// ends reports that a clause ends before word i: nothing, a pause or a picture
// comes there.
func (t *tokens) ends(i int) bool {
	return i >= t.count || t.word(i-1).flags&(flagStop|flagComma) != 0 || t.word(i).kind == kindPicture
}

// pauses reports a comma or a stop after one of the words [from, to).
func (t *tokens) pauses(from, to int) bool {
	for i := from; i < to; i++ {
		if t.word(i).flags&(flagComma|flagStop) != 0 {
			return true
		}
	}
	return false
}

// word returns the i-th matchable piece.
func (t *tokens) word(i int) *token { return &t.all[t.words[i]] }

// signature returns which words the message has, by the last six bits of their ids.
func (t *tokens) signature() uint64 {
	var said uint64
	for _, n := range t.words[:t.count] {
		said |= bitOf(t.all[n].id)
	}
	return said
}
