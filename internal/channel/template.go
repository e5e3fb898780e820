package channel

// Template is what a provider says of one of our templates in one language.
type Template struct {
	Name, Language string
	Status         string // APPROVED, PENDING, REJECTED, PAUSED, DISABLED…
	Category       string // UTILITY, MARKETING, AUTHENTICATION. Meta changes it without asking
	Quality        string // GREEN, YELLOW, RED, UNKNOWN
	Buttons        int    // quick-reply buttons that it was approved with
	Body           string // text with {{1}}, {{2}}…
}

// Sendable reports whether Meta takes the template. FLAGGED is a warning: the
// template still goes out.
func (t Template) Sendable() bool {
	return t.Status == "APPROVED" || t.Status == "FLAGGED" || t.Status == "REINSTATED"
}
