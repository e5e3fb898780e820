package transcript

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"valebot/internal/flow"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/source"
)

// values turns {name: value} as people write it into typed values. Names that
// are not declared are errors, so that a mistyped fact is not taken for absent.
func values(n *yaml.Node, fields flow.Fields, zone *time.Location) (map[string]any, error) {
	out := map[string]any{}
	if n == nil {
		return out, nil
	}
	if n.Kind == yaml.ScalarNode && len(fields) == 1 {
		for name, t := range fields {
			v, err := value(n, t, zone)
			out[name] = v
			return out, err
		}
	}
	if n.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("expected {name: value}")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		t, ok := fields[name]
		if !ok {
			return nil, fmt.Errorf("there is no %q here", name)
		}
		v, err := value(n.Content[i+1], t, zone)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = v
	}
	return out, nil
}

func value(n *yaml.Node, t flow.Type, zone *time.Location) (any, error) {
	if t == flow.Ints {
		return ints(n)
	}
	if n.Kind != yaml.ScalarNode {
		return nil, fmt.Errorf("expected one value")
	}
	switch t {
	case flow.Amount:
		return money.Parse(n.Value)
	case flow.Int:
		return strconv.Atoi(n.Value)
	case flow.Bool:
		return strconv.ParseBool(n.Value)
	case flow.Date:
		return quincena.ParseDate(n.Value)
	case flow.Stamp:
		return time.ParseInLocation("2006-01-02 15:04", n.Value, zone)
	case flow.Phone:
		p, err := mexid.ParsePhone(n.Value)
		return string(p), err
	default:
		return n.Value, nil
	}
}

func ints(n *yaml.Node) ([]int, error) {
	out := make([]int, 0, len(n.Content))
	for _, c := range n.Content {
		v, err := strconv.Atoi(c.Value)
		if err != nil {
			return nil, fmt.Errorf("expected whole numbers: %w", err)
		}
		out = append(out, v)
	}
	return out, nil
}

// parseAnswer reads "action -> outcome {result}".
func parseAnswer(text string, vocabulary flow.Vocabulary, zone *time.Location) (action string, answer Answer, err error) {
	action, rest, _ := strings.Cut(text, "->")
	action, rest = strings.TrimSpace(action), strings.TrimSpace(rest)
	outcome, tail, _ := strings.Cut(rest, " ")
	spec, ok := vocabulary.Actions[action]
	if !ok {
		return "", Answer{}, fmt.Errorf("the core has no action %q", action)
	}
	known := false
	for _, o := range spec.Outcomes {
		known = known || o == outcome
	}
	if !known {
		return "", Answer{}, fmt.Errorf("%s cannot answer %q; it answers %s", action, outcome, strings.Join(spec.Outcomes, ", "))
	}
	result, err := inline(tail, spec.Result, zone)
	return action, Answer{outcome, result}, err
}

// inline reads typed values from YAML on one line; an empty text gives nil.
func inline(text string, fields flow.Fields, zone *time.Location) (map[string]any, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	file, problems := source.Parse("", []byte(text))
	if len(problems) > 0 {
		return nil, fmt.Errorf("read values: %s", problems[0].Text)
	}
	return values(file.Root, fields, zone)
}
