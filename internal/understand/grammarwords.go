package understand

// addGrammarWords teaches the words that the grammars of this package read by
// themselves, before the lexicon adds its own.
func (b *builder) addGrammarWords() {
	addNumbers(func(word string, kind numberKind, _ int64) {
		id := b.words.add(word)
		b.words.numeral[id] = b.words.numeral[id] || composes(word, kind)
	})
	addDays(func(word string, _ dayKind, _ int) { b.words.add(word) })
	addUnits(func(word string, _ Unit) { b.words.add(word) })
	addMoney(func(word string, m moneyWord) {
		id := b.words.add(word)
		b.words.coin[id] = m.kind == moneyPeso && len(word) > 3
	})
	for _, w := range [...]string{"y", "e", "o", "u", "a", "de", "del", "el", "la", "los", "las", "entre", "hasta", "si", "no", "ok", "jaja"} {
		b.words.add(w)
	}
}

// bindGrammarWords fixes the meanings by word id once the vocabulary is complete.
func (u *Understander) bindGrammarWords() {
	size := len(u.words.names)
	u.numbers, u.days = make([]numberWord, size), make([]dayWord, size)
	u.units, u.monies = make([]Unit, size), make([]moneyWord, size)
	addNumbers(func(word string, kind numberKind, value int64) {
		id := u.words.ids[word]
		if u.numbers[id].kind == numNone {
			u.numbers[id] = numberWord{kind, value}
		}
		switch kind {
		case numZero, numUnit, numTen, numHundred, numThousand, numMillion:
			u.match.numberID[id] = true
		}
	})
	addDays(func(word string, kind dayKind, value int) { u.days[u.words.ids[word]] = dayWord{kind, value} })
	addUnits(func(word string, unit Unit) { u.units[u.words.ids[word]] = unit })
	addMoney(func(word string, m moneyWord) { u.monies[u.words.ids[word]] = m })
	u.firstPerson = u.classIDs("primera_persona")
	u.labels = u.classIDs("etiqueta_de_numero")
	u.chooses = u.classIDs("elegir")
	u.given = u.classIDs("nombres")
	u.particles = u.classIDs("particulas")
	u.feasts, u.moving = feasts(), movingFeasts()
}

func (u *Understander) number(id wordID) numberWord { return u.numbers[id] }

// is reports whether a token is the given grammar word.
func (u *Understander) is(k *token, word string) bool {
	return k.kind == kindWord && k.id != 0 && u.words.names[k.id] == word
}

// own reports a word that speaks of the writer's own doing ("soy", "quiero").
func (u *Understander) own(id wordID) bool { return u.firstPerson[id] }

// classIDs returns the single words of a lexicon class, by id.
func (u *Understander) classIDs(name string) []bool {
	out := make([]bool, len(u.words.names))
	for _, f := range u.classes[name] {
		switch {
		case len(f) == 1 && f[0].kind == elemWord:
			out[f[0].id] = true
		case len(f) == 1 && f[0].kind == elemSet:
			for _, w := range u.sets[f[0].id] {
				out[w] = true
			}
		}
	}
	return out
}
