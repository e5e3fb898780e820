package source

import (
	"encoding/json"
	"slices"
)

// SARIF returns problems as a SARIF 2.1.0 log (OASIS standard), which code
// hosts and editors show beside the lines. Columns count characters, as in
// Problem. The log of no problems is valid and has no results.
func SARIF(problems []Problem) []byte {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "valebot flow lint", Rules: []sarifRule{}}
	for _, p := range problems {
		rule := sarifRule{ID: p.Code}
		if !slices.Contains(run.Tool.Driver.Rules, rule) {
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule)
		}
		run.Results = append(run.Results, sarifOf(p))
	}
	out, err := json.MarshalIndent(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	}, "", "  ")
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	return append(out, '\n')
}

func sarifOf(p Problem) sarifResult {
	text := p.Text
	if p.Suggestion != "" {
		text += "; " + p.Suggestion
	}
	var at sarifLocation
	at.Physical.Artifact.URI = p.File
	at.Physical.Region = sarifRegion{StartLine: max(1, p.Line), StartColumn: max(1, p.Col), EndColumn: max(p.Col+1, p.End, 2)}
	if p.Source != "" {
		at.Physical.Region.Snippet = &sarifText{p.Source}
	}
	return sarifResult{RuleID: p.Code, Level: string(p.Severity), Message: sarifText{text}, Locations: []sarifLocation{at}}
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifDriver struct {
	Name  string      `json:"name"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID string `json:"id"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	Level     string          `json:"level"` // error or warning, as in Severity
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region sarifRegion `json:"region"`
	} `json:"physicalLocation"`
}

type sarifRegion struct {
	StartLine   int        `json:"startLine"`
	StartColumn int        `json:"startColumn"`
	EndColumn   int        `json:"endColumn"`
	Snippet     *sarifText `json:"snippet,omitempty"`
}
