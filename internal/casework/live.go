package casework

import "time"

// Draft is what an agent has written in a chat and not sent.
type Draft struct {
	Agent string // login
	Name  string
	Text  string // "" for the drafts of others: nobody reads over a shoulder
	At    time.Time
}

// writingFor is how long after the last key somebody still counts as writing.
const writingFor = 12 * time.Second

// Writing reports whether the author of the draft is at it right now.
func (d Draft) Writing(wall time.Time) bool { return wall.Sub(d.At) < writingFor }

// Writers are the names of the others who are writing in a chat right now.
func Writers(drafts []Draft, self string, wall time.Time) []string {
	var names []string
	for _, d := range drafts {
		if d.Agent != self && d.Writing(wall) {
			names = append(names, d.Name)
		}
	}
	return names
}

// DraftOf is what an agent herself has written and not sent.
func DraftOf(drafts []Draft, agent string) string {
	for _, d := range drafts {
		if d.Agent == agent {
			return d.Text
		}
	}
	return ""
}
