// What a text costs as SMS, for the counter under the message box. The server
// counts for real; this only saves a round trip while somebody types.

const basic = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const double = new Set("^{}\\[~]|€\f");

export function sizeOf(text) {
  let units = 0;
  for (const letter of text) {
    if (basic.has(letter)) units += 1;
    else if (double.has(letter)) units += 2;
    else return sized(text.length, 70, 67, "UCS-2");
  }
  return sized(units, 160, 153, "GSM-7");
}

function sized(units, single, part, encoding) {
  const segments = units <= single ? 1 : Math.ceil(units / part);
  return { units, per: segments === 1 ? single : segments * part, segments, encoding };
}

export function sizeText(sms) {
  return `${sms.units}/${sms.per} · ${sms.segments} ${sms.segments === 1 ? "segmento" : "segmentos"}`;
}
