package flow

// Doc is one word of the flow language with its meaning for operators, in
// Spanish. The editor's schema and the guide are both made from these, so that
// neither says what the loader does not do.
type Doc struct {
	Key  string
	Text string
	form string // name of its schema; "" is a word
}

// FlowKeys are the keys at the top of a flow file.
func FlowKeys() []Doc {
	return []Doc{
		{"flow", "Nombre del flujo, sin espacios; igual que el nombre del archivo.", "name"},
		{"version", "Sube de uno en uno cada vez que publicas. Las pláticas en curso terminan con la versión con la que empezaron.", "number"},
		{"title", "Para qué sirve, en una frase.", ""},
		{"about", "De qué trata: vale, distribuidora o pago. Sus datos se pueden usar en mensajes y condiciones.", "about"},
		{"starts", "Qué lo empieza: un aviso del núcleo (event), lo que pide la persona (intent, con audience) o nada (idle).", "starts"},
		{"start", "Primer paso.", ""},
		{"slots", "Los datos que se guardan durante la plática, con su tipo. secret: true los esconde de la mesa y de las bitácoras.", "slots"},
		{"limits", "Cuándo y cuánto puede escribir primero: quiet (horas de silencio), per_day y per_week. Para qué: purpose (aviso, o promocion: solo a quien aceptó promociones). Y cuántas respuestas puede pedir el camino más corto al éxito: answers (8 si no se dice).", "limits"},
		{"interrupts", "Apaga una palabra general en este flujo: {SALDO: false}. Las protegidas no se pueden apagar.", "switches"},
		{"success", "Los finales que cuentan como éxito en las estadísticas.", "words"},
		{"returns", "Si otro flujo lo llama (call): el dato que le entrega al terminar.", ""},
		{"tests", "Cuándo se para un texto en prueba: {tono: {stop: [BAJA, QUEJA], above: 5, after: 50}} lo para cuando, de 50 personas o más que lo leyeron, es seguro que más del 5 % escribió BAJA o QUEJA. after es 30 si no se dice.", "tests"},
		{"migrate", "A dónde pasan las pláticas que esperan en un paso que ya no existe.", "map"},
		{"steps", "Los pasos, por nombre.", "steps"},
	}
}

// StepKeys are the keys of a step.
func StepKeys() []Doc {
	return []Doc{
		{"note", "Comentario para el equipo; sale en el diagrama.", ""},
		{"say", "Dice uno o varios mensajes. Va primero que lo demás. Para probar dos textos: {test: nombre, a: clave, b: clave}.", "messages"},
		{"ask", "Pregunta y espera la respuesta. También acepta una prueba de dos textos.", "tested"},
		{"again", "La pregunta en corto, para volver a ella después de AYUDA o SALDO.", "message"},
		{"expect", "Qué respuestas se esperan: una, varias, u opciones con sus palabras. Con option y also se esperan opciones y algo más.", "expect"},
		{"save", "Dato donde se guarda la respuesta o el resultado. Si la persona ya lo dijo, la pregunta se salta una vez.", ""},
		{"reject", "Lista de {if, say}: si se cumple, la respuesta se entendió y no se acepta; se explica y se espera otra.", "rejects"},
		{"unclear", "Qué hacer la primera, segunda y tercera vez que no se entiende. La última debe ir a otro paso (go).", "ladder"},
		{"after", "Qué hacer si nadie contesta: 4h: {say}, 72h: {go}. Se cuenta desde que se preguntó.", "after"},
		{"meanwhile", "Avisos del núcleo que pueden llegar antes que la respuesta, y a qué paso llevan.", "map"},
		{"do", "Llama una acción del núcleo de crédito. Un paso con acción no habla.", ""},
		{"call", "Pasa por otro flujo y vuelve. Cada final de ese flujo es un resultado; save guarda lo que entrega (returns).", ""},
		{"with", "Los datos de la acción o del flujo que se llama; cada uno es una expresión.", "map"},
		{"decide", "Lista de {if, go} y un {else} al final.", "decide"},
		{"wait", "Espera avisos del núcleo: pago recibido, dinero entregado.", "words"},
		{"until", "Espera también hasta esta fecha (expresión); el resultado es time.", ""},
		{"handoff", "Pasa la plática a esta fila de la mesa. Resultados: resolved y returned.", ""},
		{"reason", "Por qué se pasa, para quien atiende.", ""},
		{"priority", "low, normal o high.", "priority"},
		{"next", "A dónde sigue: un paso, o uno por cada resultado.", "next"},
		{"end", "Termina y anota este resultado.", ""},
	}
}

// SlotTypes are the types that a slot may have.
func SlotTypes() []Doc {
	return []Doc{
		{"text", "Un texto.", ""},
		{"int", "Un número entero.", ""},
		{"bool", "Sí o no: true o false.", ""},
		{"amount", "Un monto en pesos.", ""},
		{"date", "Una fecha.", ""},
		{"phone", "Un celular.", ""},
		{"clabe", "Una CLABE; siempre con secret: true.", ""},
		{"pin", "Un NIP; siempre con secret: true.", ""},
		{"option", "El nombre de la opción que eligió.", ""},
		{"bank", "Lo que entrega una acción, con sus campos: slots.banco.nombre. También person, quote, payout, promise, payment y vale: el nombre solo dice de qué es; los campos son los de la acción que lo llena.", ""},
	}
}

// AnswerKinds are the kinds of answer that a question may expect.
func AnswerKinds() []Doc {
	return []Doc{
		{"yes_no", "Sí o no. Solo un sí claro cuenta como sí. Resultados: affirm y deny.", ""},
		{"terms", "Quiere ver las condiciones (INFO). Resultado: terms.", ""},
		{"change", "Quiere cambiar lo que se le mostró (CAMBIAR). Resultado: change.", ""},
		{"option", "Una de las opciones, por número, palabra o botón. Resultado: el nombre de la opción.", ""},
		{"amount", "Un monto: 3000, 3 mil, $1,500. Resultado: ok.", ""},
		{"income", "Lo que alguien gana: 1500 por semana, 12 mil al mes. El monto se guarda; el resultado es cada cuánto: week, quincena, month, o no_period si no lo dijo.", ""},
		{"int", "Un número entero. Resultado: ok.", ""},
		{"term", "Un número de quincenas; un mes son dos. Resultado: ok.", ""},
		{"date", "Una fecha: viernes, mañana, 15/03. Resultado: ok.", ""},
		{"birthdate", "Una fecha de nacimiento. Resultado: ok.", ""},
		{"phone", "Un celular de México. Resultado: ok.", ""},
		{"clabe", "Una CLABE de 18 dígitos que sí existe. Resultado: ok.", ""},
		{"pin", "Un NIP de 4 a 6 dígitos. Resultado: ok.", ""},
		{"name", "Un nombre con apellidos. Resultado: ok.", ""},
		{"text", "Cualquier texto. Resultado: ok.", ""},
		{"photo", "Una foto o un documento. Resultado: photo.", ""},
		{"greeting", "Un saludo. Resultado: greeting.", ""},
		{"thanks", "Un agradecimiento. Resultado: thanks.", ""},
		{"new_vale", "Pide un vale. Resultado: new_vale.", ""},
	}
}
