package understand

// Option returns the id of the option that the message chooses: by number or
// ordinal, by one of its words, or by its label or a close misspelling of it.
// Two options named, or a number inside other talk, choose nothing. Nil options
// mean those of the Context.
func (r Reading) Option(options []Option) (id string, ok bool) {
	if options == nil {
		options = r.context.Options
	}
	if n, ok := r.choice(len(options)); ok {
		return options[n-1].ID, true
	}
	best, bestScore, tie := -1, 0, false
	for i := range options {
		score := r.optionScore(&options[i])
		switch {
		case score > bestScore:
			best, bestScore, tie = i, score, false
		case score == bestScore:
			tie = true
		}
	}
	if best < 0 || tie || r.refuses() {
		return "", false
	}
	return options[best].ID, true
}

// Choice returns the number, 1 to count, that a reply to a numbered menu names.
func (r Reading) Choice(count int) (n int, ok bool) { return r.choice(count) }

func (r *Reading) choice(count int) (int, bool) {
	var buf [maxSpans]span
	found := 0
	spans := r.spans(&buf)
	for _, s := range spans {
		if v, ok := s.value.Whole(); !ok || s.signed || v != int64(found) && found != 0 {
			return 0, false
		} else if v > 0 {
			found = int(min(v, 1000))
		}
	}
	n, from := r.ordinalWord(count)
	if n != 0 && len(spans) == 0 {
		found = n
	}
	if found < 1 || found > count || r.both(spans) || !r.onlyChooses(spans, from) || r.refuses() {
		return 0, false
	}
	return found, true
}

// Ordinal returns the one ordinal of the message ("vigésimo primero", "2da").
func (r Reading) Ordinal() (int, bool) {
	var buf [maxSpans]span
	for _, s := range r.spans(&buf) {
		if v, ok := s.value.Whole(); ok && s.ordinal {
			return int(v), true
		}
	}
	n, _ := r.ordinalWord(1 << 20)
	return n, n > 0
}

// ordinalWord finds "primero", "vigésimo primero", "centésimo vigésimo quinto",
// "último" (of count).
func (r *Reading) ordinalWord(count int) (n, at int) {
	last := 0
	for i := range r.tok.n {
		k := &r.tok.all[i]
		if k.kind != kindWord {
			continue
		}
		w := r.u.number(k.id)
		switch {
		case r.last(k):
			return count, i
		case r.u.is(k, "arriba") && n == 0:
			n, at, last = 1, i, 1
		case w.kind == numOrdinal && n == 0:
			n, at, last = int(w.value), i, int(w.value)
		case w.kind == numOrdinal && i == at+1 && int(w.value) < last:
			n, at, last = n+int(w.value), i, int(w.value)
		}
	}
	return n, at
}

// onlyChooses checks that around the number stand only words of choosing.
func (r *Reading) onlyChooses(spans []span, ordinal int) bool {
	for i := range r.tok.n {
		k := &r.tok.all[i]
		if k.kind == kindMark || k.kind == kindPicture || inSpans(spans, i) || r.ofOrdinal(k) {
			continue
		}
		if k.id == 0 || !r.u.chooses[k.id] && !r.filler(i) {
			return false
		}
	}
	return !r.has('?') && !r.has('%')
}

func (r *Reading) ofOrdinal(k *token) bool {
	return r.u.number(k.id).kind == numOrdinal || r.last(k) || r.u.is(k, "arriba")
}

// last reports a word for the last option of a list.
func (r *Reading) last(k *token) bool {
	return r.u.is(k, "ultimo") || r.u.is(k, "ultima") || r.u.is(k, "abajo")
}

// both reports "las dos", which chooses neither.
func (r *Reading) both(spans []span) bool {
	for _, s := range spans {
		if s.from > 0 && s.value == whole(2) && (r.u.is(&r.tok.all[s.from-1], "las") || r.u.is(&r.tok.all[s.from-1], "los")) {
			return true
		}
	}
	return false
}

func inSpans(spans []span, i int) bool {
	for _, s := range spans {
		if i >= s.from && i < s.to {
			return true
		}
	}
	return false
}

// filler reports whether piece i lies in a courtesy or a yes ("sí, la 2").
func (r *Reading) filler(i int) bool {
	for w := range r.tok.count {
		c := r.cover[w]
		if c.n == 0 || c.role != roleFiller && c.role != roleYes && c.role != roleAssent && c.role != roleGrudge {
			continue
		}
		if int(r.tok.words[w]) <= i && i <= int(r.tok.words[w+int(c.n)-1]) {
			return true
		}
	}
	return false
}

// refuses reports a reply that holds a no: "no, la 2 no".
func (r *Reading) refuses() bool {
	t := r.tally()
	return t.n[roleNo]+t.n[roleDeny] > 0 && t.n[roleYes] == 0 && t.first != roleNo || r.tok.odd
}

// optionScore counts how many words of the message name the option.
func (r *Reading) optionScore(o *Option) int {
	best := 0
	for _, phrase := range o.Words {
		best = max(best, 2*r.phrased(phrase, true))
	}
	best = max(best, 2*r.phrased(o.ID, true))
	return max(best, r.phrased(o.Label, false))
}

// phrased counts the words of a phrase that the message holds; all of them must
// be there, in order, when whole is set. Short words of a label say nothing.
func (r *Reading) phrased(phrase string, whole bool) int {
	if phrase == "" {
		return 0
	}
	var t tokens
	scan(r.u.words, phrase, &t)
	hits, from := 0, 0
	for i := range t.count {
		k := t.word(i)
		at := r.find(phrase, k, from)
		switch {
		case at >= 0 && (whole || k.end-k.start > 3):
			hits++
		case at < 0 && whole:
			return 0
		}
		if at >= 0 && whole {
			from = at + 1
		}
	}
	return hits
}

// find returns the first word of the message from i on that is the given one.
func (r *Reading) find(phrase string, k *token, i int) int {
	for ; i < r.tok.count; i++ {
		if r.same(r.tok.word(i), phrase, k) {
			return i
		}
	}
	return -1
}

func (r *Reading) same(a *token, phrase string, b *token) bool {
	if a.kind != b.kind || a.flags&flagSuspect != 0 {
		return false
	}
	if a.id != 0 && a.id == b.id {
		return true
	}
	left, right := r.text[a.start:a.end], phrase[b.start:b.end]
	if a.kind == kindNumber {
		return left == right
	}
	if a.id != 0 && b.id != 0 && a.flags&b.flags&flagFuzzy == 0 && len(left) < minSlip {
		return false
	}
	var x, y [maxWord]byte
	l, m := foldInto(x[:0], left), foldInto(y[:0], right)
	if len(l) < minSlip || len(m) < minSlip {
		return string(l) == string(m)
	}
	return oneSlip(l, string(m))
}

func foldInto(dst []byte, s string) []byte {
	for _, c := range s {
		if class, folded, _ := foldRune(c); class == classLetter && len(dst) < cap(dst) {
			dst = append(dst, folded)
		}
	}
	return dst
}
