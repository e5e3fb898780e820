package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
)

type object = map[string]any

// Schema returns the JSON Schema of flow files, with descriptions in Spanish
// for editors. It is made from the same words as the guide.
func Schema() ([]byte, error) {
	schema := object{
		"$schema": "http://json-schema.org/draft-07/schema#", "title": "Flujo de conversación de valebot",
		"type": "object", "additionalProperties": false,
		"required": []string{"flow", "version", "title", "start", "steps"}, "properties": properties(FlowKeys()),
		"definitions": object{"step": object{"type": "object", "additionalProperties": false, "properties": properties(StepKeys())}},
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(schema); err != nil {
		return nil, fmt.Errorf("write schema: %w", err)
	}
	return b.Bytes(), nil
}

func properties(docs []Doc) object {
	out := object{}
	for _, d := range docs {
		p := shapeOf(d.form)
		p["description"] = d.Text
		out[d.Key] = p
	}
	return out
}

func word() object { return object{"type": "string"} }

func listOf(item object) object { return object{"type": "array", "items": item} }

func mapOf(value object) object { return object{"type": "object", "additionalProperties": value} }

func anyOf(shapes ...object) object { return object{"anyOf": shapes} }

func strict(required []string, fields object) object {
	out := object{"type": "object", "additionalProperties": false, "properties": fields}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

func enum(values ...string) object { return object{"enum": values} }

func messageKey() object {
	return object{"type": "string", "pattern": `^[a-z_]+(\.[a-z0-9_]+)+$`}
}

// testShape is two wordings of a message under test.
func testShape() object {
	return strict([]string{"test", "a", "b"}, object{"test": word(), "a": messageKey(), "b": messageKey()})
}

// shapeOf returns the schema of one form of value.
func shapeOf(form string) object {
	switch form {
	case "name":
		return object{"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
	case "number":
		return object{"type": "integer", "minimum": 1}
	case "about":
		return enum("vale", "distribuidora", "pago", "queja", "solicitud")
	case "priority":
		return enum("low", "normal", "high")
	case "words":
		return anyOf(word(), listOf(word()))
	case "map":
		return mapOf(word())
	case "switches":
		return mapOf(object{"type": "boolean"})
	case "message":
		return messageKey()
	case "messages":
		return anyOf(messageKey(), testShape(), listOf(anyOf(messageKey(), testShape())))
	case "tested":
		return anyOf(messageKey(), testShape())
	case "next":
		return anyOf(word(), mapOf(word()))
	case "steps":
		return object{"type": "object", "minProperties": 1, "additionalProperties": object{"$ref": "#/definitions/step"}}
	}
	return nestedShape(form)
}

func nestedShape(form string) object {
	switch form {
	case "starts":
		return listOf(strict(nil, object{"event": word(), "intent": word(), "audience": enum("beneficiary", "distributor"), "idle": object{"type": "boolean"}}))
	case "slots":
		types := append(plainSlotTypes(), recordSlotTypes()...)
		return mapOf(strict([]string{"type"}, object{"type": enum(types...), "secret": object{"type": "boolean"}}))
	case "limits":
		count := object{"type": "integer", "minimum": 1}
		return strict(nil, object{"quiet": object{"type": "string", "pattern": `^\d\d:\d\d-\d\d:\d\d$`}, "per_day": count, "per_week": count, "answers": count, "purpose": enum(purposes()...)})
	case "tests":
		return mapOf(strict([]string{"stop", "above"}, object{"stop": anyOf(word(), listOf(word())),
			"above": object{"type": "integer", "minimum": 1, "maximum": 99}, "after": object{"type": "integer", "minimum": leastPeople}}))
	case "expect":
		kind := enum(answerKinds()...)
		options := strict([]string{"option"}, object{"option": mapOf(anyOf(word(), listOf(word()))), "also": anyOf(kind, listOf(kind))})
		return anyOf(kind, listOf(kind), options)
	case "rejects":
		return listOf(strict([]string{"if", "say"}, object{"if": word(), "say": messageKey()}))
	case "ladder":
		return listOf(strict(nil, object{"say": messageKey(), "go": word()}))
	case "after":
		return object{"type": "object", "propertyNames": object{"pattern": "^[0-9]+[mhd]$"},
			"additionalProperties": strict(nil, object{"say": messageKey(), "go": word()})}
	case "decide":
		return listOf(anyOf(strict([]string{"if", "go"}, object{"if": word(), "go": word()}), strict([]string{"else"}, object{"else": word()})))
	}
	return word()
}

func answerKinds() []string {
	var out []string
	for _, d := range AnswerKinds() {
		out = append(out, d.Key)
	}
	return out
}
