package understand

import "unicode/utf8"

// Answer is what a reply says to a question that takes yes or no.
type Answer uint8

// The answers.
const (
	Unclear Answer = iota // ask again
	Yes
	No
)

// String returns "unclear", "yes" or "no".
func (a Answer) String() string { return [...]string{"unclear", "yes", "no"}[a] }

// YesNo is a reply read as an answer.
type YesNo struct {
	Answer Answer
	// Plain says that every word of the reply belongs to the answer. Where money
	// moves only a plain yes counts.
	Plain bool
	// Why names the class of a reply that is no plain answer: "condition",
	// "question", "mixed", "hedge", "reported", "laugh", "number", "extra", "praise",
	// "suspect", "long", "none"; empty for a plain answer.
	Why   string
	Score int    // 0 to 100
	Words string // the words that carried the answer
}

// role is what a phrase does in an answer.
type role uint8

const (
	roleNone   role = iota
	roleYes         // sí, claro que sí
	roleAssent      // va, ok, dale: a yes of its own
	roleAccept      // acepto, lo quiero: a yes of its own and after a yes
	roleMore        // fits after a yes, says nothing alone: "ese mismo", "cuando guste"
	rolePraise      // genial, qué bueno: leans to yes, moves nothing
	roleNo          // no, para nada
	roleDeny        // no quiero, no me interesa
	roleFiller      // por favor, gracias, señorita
	roleGrudge      // bueno, ni modo: makes a soft yes doubtful
	roleHedge       // creo, tal vez, mmm
	roleIf          // pero, cuando, depende
	roleReport      // dijo, dicen
	roleLaugh       // jaja
	roleAsk         // cuánto, por qué
	roleDoubt       // no sé, no entiendo: neither yes nor no
)

var roleNames = map[string]role{
	"yes": roleYes, "assent": roleAssent, "accept": roleAccept, "more": roleMore, "praise": rolePraise, "no": roleNo,
	"deny": roleDeny, "filler": roleFiller, "grudge": roleGrudge, "hedge": roleHedge, "if": roleIf,
	"report": roleReport, "laugh": roleLaugh, "ask": roleAsk, "doubt": roleDoubt,
}

// tally counts the words of a reply by role.
type tally struct {
	n        [roleDoubt + 1]int
	extra    int // words that no phrase covers
	numbers  int
	first    role // role of the first phrase that is no filler
	firstEnd int  // words up to the end of that phrase
	pause    bool // a comma or stop follows it, or it wears an accent
}

func (r *Reading) tally() tally {
	var t tally
	denied := false
	alone := r.aloneAt()
	for i := 0; i < r.tok.count; {
		c := r.cover[i]
		if i == alone {
			c.role, c.n = c.whole, c.wide
		}
		k := r.tok.word(i)
		step := max(int(c.n), 1)
		switch {
		case c.n > 0 && affirms(c.role) && r.guessed(i, i+step):
			t.extra++
		case c.n > 0 && denied && (c.role == roleAssent || c.role == roleAccept):
			t.extra++ // the object of the no: "no deseo continuar"
		case c.n > 0:
			t.n[c.role]++
		case k.kind == kindNumber || r.u.match.numberID[k.id]:
			t.numbers++
		default:
			t.extra++
		}
		if t.firstEnd == 0 && c.role != roleFiller {
			t.first, t.firstEnd = c.role, i+step
			for w := i; w < i+step; w++ {
				k := r.tok.word(w)
				// "sí yo soy" has its comma in the accent; that of "me gustaría" is none.
				t.pause = t.pause || k.flags&(flagStop|flagComma) != 0 || k.flags&flagAccent != 0 && (step == 1 || r.u.is(k, "si"))
			}
		}
		i += step
		last := r.tok.word(i - 1)
		denied = last.flags&(flagStop|flagComma) == 0 && (c.role == roleDeny || c.role == roleNo && r.u.is(last, "no"))
	}
	return t
}

// aloneAt returns the word where the phrase stands that, courtesies aside, is the
// whole message and is taught to count only so ("quiero" is a yes, "quiero pizza"
// is none); -1 when there is no such phrase.
func (r *Reading) aloneAt() int {
	at := -1
	for i := 0; i < r.tok.count; {
		switch c := r.cover[i]; {
		case c.wide > 0 && at < 0:
			at = i
			i += int(c.wide)
		case c.n > 0 && c.role == roleFiller:
			i += int(c.n)
		default:
			return -1
		}
	}
	return at
}

func affirms(r role) bool { return r == roleYes || r == roleAssent || r == roleAccept }

// minGuess is the length from which a word with a guessed letter may affirm.
const minGuess = 7

// guessed reports a short word among [from, to) that was repaired by a guess. A
// "sí" that was written right stands for the word behind it: "si acpeto".
func (r *Reading) guessed(from, to int) bool {
	least := minGuess
	if to-from > 1 && r.u.is(r.tok.word(from), "si") && r.tok.word(from).flags&flagFuzzy == 0 {
		least--
	}
	for i := from; i < to; i++ {
		if k := r.tok.word(i); k.flags&flagSlip != 0 && utf8.RuneCountInString(r.text[k.start:k.end]) < least {
			return true
		}
	}
	return false
}

// YesNo reads the message as an answer to a yes-or-no question. See the package
// comment for what a plain yes is.
func (r Reading) YesNo() YesNo {
	t := r.tally()
	yes := t.n[roleYes] + t.n[roleAssent] + t.n[roleAccept] + t.n[rolePraise]
	no := t.n[roleNo] + t.n[roleDeny]
	if r.tok.count == 0 || yes+no == 0 {
		if t.n[roleHedge]+t.n[roleDoubt] > 0 {
			return YesNo{Why: "hedge"}
		}
		return YesNo{Why: "none"}
	}
	if why := r.distrust(&t); why != "" {
		return YesNo{Why: why}
	}
	if no > 0 {
		return r.refusal(&t, yes)
	}
	return r.consent(&t)
}

// distrust names what forbids any answer at all.
func (r *Reading) distrust(t *tally) string {
	switch {
	case r.tok.odd:
		return "suspect"
	case r.tok.cut:
		return "long"
	case r.has('"'):
		return "reported"
	case t.n[roleDoubt] > 0:
		return "hedge"
	}
	return ""
}

// consent reads a reply that holds a yes and no no.
func (r *Reading) consent(t *tally) YesNo {
	out := YesNo{Why: r.doubts(t), Words: r.text}
	if out.Why == "" {
		out.Answer, out.Plain, out.Score = Yes, true, 100
		return out
	}
	if out.Why == "praise" || out.Why == "extra" && r.continues(t) {
		out.Answer, out.Score = Yes, 60
	}
	return out
}

// doubts names the first thing that keeps a yes from being plain.
func (r *Reading) doubts(t *tally) string {
	switch {
	case t.n[roleAsk] > 0 || r.has('?'):
		return "question"
	case t.n[roleReport] > 0:
		return "reported"
	case t.n[roleIf] > 0:
		return "condition"
	case t.n[roleHedge] > 0:
		return "hedge"
	case t.n[roleLaugh] > 0:
		return "laugh"
	case t.n[roleGrudge] > 0 && t.n[roleYes]+t.n[roleAccept] == 0:
		return "hedge"
	case t.numbers > 0:
		return "number"
	case t.extra > 0:
		return "extra"
	case t.n[roleYes]+t.n[roleAssent]+t.n[roleAccept] == 0:
		return "praise"
	}
	return ""
}

// continues reports a yes that goes on with a statement of one's own ("sí, yo
// soy la encargada"): a yes to talk, never one that moves money.
func (r *Reading) continues(t *tally) bool {
	if t.first != roleYes && t.first != roleAccept || !t.pause || t.firstEnd >= r.tok.count || r.wantsAnything() {
		return false
	}
	for i := 1; i < min(t.firstEnd+3, r.tok.count); i++ {
		if r.u.own(r.tok.word(i).id) {
			return true
		}
	}
	return false
}

// refusal reads a reply that holds a no.
func (r *Reading) refusal(t *tally, yes int) YesNo {
	out := YesNo{Answer: No, Score: 100, Words: r.text}
	other := t.extra + t.numbers + t.n[roleAsk] + t.n[roleIf] + t.n[roleLaugh] + t.n[roleReport]
	headed := t.first == roleNo || t.first == roleDeny
	switch {
	case yes > 0:
		return YesNo{Why: "mixed"}
	case t.n[roleHedge] > 0 && !headed:
		return YesNo{Why: "hedge"}
	case t.numbers > 0 && t.n[roleDeny] == 0: // "no, el 1" corrects more often than it refuses
		return YesNo{Why: "number"}
	case other == 0 && !r.has('?'):
		out.Plain = true
		return out
	case t.n[roleAsk] > 0 || r.Has(IntentHuman) || r.Has(IntentOptOut):
		return YesNo{Why: "extra"}
	case t.n[roleDeny] > 0, t.first == roleNo && t.pause:
		out.Why, out.Score = "extra", 60
		return out
	}
	return YesNo{Why: "extra"}
}

func (r *Reading) has(mark byte) bool {
	for i := range r.tok.n {
		if r.tok.all[i].kind == kindMark && r.tok.all[i].mark == mark {
			return true
		}
	}
	return false
}
