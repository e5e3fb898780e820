package understand

import "strings"

// A verb of Spanish has far more forms than anybody lists by hand. In a pattern
// "llamar+" stands for those that turn up in short messages: llamo, llamen,
// llamaron, llamarme, llámenme. The irregular ones have a table of their stems.

// ending is what a conjugation adds to its stem. soft endings begin with e or i
// after a stem of -ar, or with a or o after one of -er or -ir, where the spelling
// of the stem may change to keep its sound.
type ending struct {
	tail string
	soft bool
}

// wishes reports whether a form asks for something or forbids it ("llamen",
// "llamarme"); others tell what happens or happened.
func (e ending) wishes(class byte) bool {
	return e.soft && e.tail != "o" || e.tail == string(class)+"r"
}

// clitic endings may carry a pronoun: "llamar" + "me".
func endings(class byte) (plain, clitic []ending) {
	if class == 'a' {
		return []ending{
				{"o", false}, {"as", false}, {"amos", false}, {"an", false},
				{"es", true}, {"emos", true}, {"e", true}, {"aste", false}, {"aron", false}, {"aba", false}, {"aban", false},
				{"are", false}, {"ara", false}, {"aran", false}, {"aria", false}, {"ado", false}, {"ada", false}, {"ados", false}, {"adas", false},
			}, []ending{
				{"ar", false}, {"ando", false}, {"a", false}, {"e", true}, {"en", true},
			}
	}
	theme := string(class)
	return []ending{
			{"o", true}, {"es", false}, {theme + "mos", false}, {"en", false},
			{"as", true}, {"amos", true}, {"i", false}, {"iste", false}, {"io", false}, {"ieron", false}, {"ia", false}, {"ian", false},
			{theme + "re", false}, {theme + "ra", false}, {theme + "ran", false}, {theme + "ria", false}, {"ido", false}, {"ida", false}, {"idos", false}, {"idas", false},
		}, []ending{
			{theme + "r", false}, {"iendo", false}, {"e", false}, {"a", true}, {"an", true},
		}
}

// enclitics are the pronouns that a verb carries at its end.
var enclitics = [...]string{"", "me", "nos", "le", "les", "lo", "la", "te", "se"}

// conjugate returns the forms of a verb, without accents; nil for what is no
// infinitive. With wish it returns those alone that ask or forbid.
func conjugate(infinitive string, wish bool) []string {
	if v, ok := irregularVerbs()[infinitive]; ok {
		return v.conjugate(infinitive, wish)
	}
	return conjugateRegular(infinitive, wish)
}

func conjugateRegular(infinitive string, wish bool) []string {
	n := len(infinitive)
	if n < 4 || infinitive[n-1] != 'r' || !strings.ContainsRune("aei", rune(infinitive[n-2])) {
		return nil
	}
	class, stem := infinitive[n-2], infinitive[:n-2]
	soft := softStem(stem, class)
	with := func(e ending) string {
		if e.soft {
			return soft + e.tail
		}
		return stem + e.tail
	}
	plain, clitic := endings(class)
	var out []string
	for _, e := range plain {
		if !wish || e.wishes(class) {
			out = append(out, with(e))
		}
	}
	for _, e := range clitic {
		for _, pronoun := range enclitics {
			if !wish || e.wishes(class) || pronoun != "" && e.tail != "ando" && e.tail != "iendo" {
				out = append(out, with(e)+pronoun)
			}
		}
	}
	return out
}

// softStem keeps the sound of a stem before the other kind of vowel: busc-ar,
// busqu-e; lleg-ar, llegu-e; cruz-ar, cruc-e; escog-er, escoj-a; conoc-er, conozc-a.
func softStem(stem string, class byte) string {
	last := len(stem) - 1
	switch {
	case class == 'a' && stem[last] == 'c':
		return stem[:last] + "qu"
	case class == 'a' && stem[last] == 'g':
		return stem + "u"
	case class == 'a' && stem[last] == 'z':
		return stem[:last] + "c"
	case class != 'a' && stem[last] == 'g':
		return stem[:last] + "j"
	case class != 'a' && stem[last] == 'c' && strings.ContainsRune("aeiou", rune(stem[last-1])):
		return stem[:last] + "zc"
	case class != 'a' && stem[last] == 'c':
		return stem[:last] + "z"
	}
	return stem
}
