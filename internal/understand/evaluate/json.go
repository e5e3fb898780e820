package evaluate

import "encoding/json"

// The shape of a result for programs. Shares are between 0 and 1.
type (
	resultJSON struct {
		Kind      string         `json:"kind"`
		Lines     int            `json:"lines"`
		Right     int            `json:"right"`
		Bad       int            `json:"bad"` // lines that could not be read
		Accuracy  float64        `json:"accuracy"`
		MacroF1   float64        `json:"macro_f1"` // over the labels that there were to find
		FalseYes  []string       `json:"false_yes"`
		Labels    []labelJSON    `json:"labels"`
		Confusion []confusedJSON `json:"confusion"` // the most frequent first
		Misses    []missJSON     `json:"misses"`
	}
	labelJSON struct {
		Label     string  `json:"label"`
		Gold      int     `json:"gold"`
		Said      int     `json:"said"`
		Right     int     `json:"right"`
		Precision float64 `json:"precision"`
		Recall    float64 `json:"recall"`
		F1        float64 `json:"f1"`
	}
	confusedJSON struct {
		Gold  string `json:"gold"`
		Said  string `json:"said"`
		Count int    `json:"count"`
	}
	missJSON struct {
		Text string `json:"text"`
		Gold string `json:"gold"`
		Said string `json:"said"`
	}
)

// MarshalJSON writes the result with its shares and its confusion. Lists are
// never null.
func (r Result) MarshalJSON() ([]byte, error) {
	out := resultJSON{
		Kind: r.Kind, Lines: r.Lines, Right: r.Right, Bad: r.Bad, Accuracy: r.Accuracy(), MacroF1: r.MacroF1(),
		FalseYes: append([]string{}, r.FalseYes...), Labels: []labelJSON{}, Confusion: []confusedJSON{}, Misses: []missJSON{},
	}
	for _, l := range r.Labels {
		out.Labels = append(out.Labels, labelJSON{l.Label, l.Gold, l.Said, l.Right, l.Precision(), l.Recall(), l.F1()})
	}
	for _, c := range r.confusion() {
		out.Confusion = append(out.Confusion, confusedJSON{c.gold, c.said, c.n})
	}
	for _, m := range r.Misses {
		out.Misses = append(out.Misses, missJSON(m))
	}
	return json.Marshal(out)
}
