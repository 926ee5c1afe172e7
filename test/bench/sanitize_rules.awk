# The rules of src/scan_rules.c as regular expressions, tab-separated: rule,
# replacement, expression.  One a rule, as who has only regexp_replace would write it.  What the
# validators check is left out, and so are the rules that need one to be told from prose (wallets,
# flags, XML elements ...); both make it cheaper.  For sanitize.sh.

# A class as the inside of a bracket expression.
function bracket(class, c) {
	c = classes[class]
	gsub(/\\x80-\\x[a-f0-9]+(\\xc3-\\xd4|\\xc3-\\xff)?/, "\\u0080-\\uffff", c)
	gsub(/\[/, "\\[", c)
	gsub(/\]/, "\\]", c)
	return c
}

# Anchors as alternatives; in key names separators may stand between words.
function anchors(list, key, a, n, i, out) {
	n = split(list, a, " ")
	for (i = 1; i <= n; i++) {
		gsub(/[.]/, "[.]", a[i])
		if (key)
			gsub(/(aws|secret|api|access|private|account|shared|pass)/, "&[-_. ]?", a[i])
		out = out (i > 1 ? "|" : "") a[i]
	}
	return out
}

/^\t\[CLASS_[A-Z_]*\] = / {
	split($0, part, "\"")
	sub(/^\t\[/, "")
	sub(/\].*/, "")
	classes[$0] = part[2]
	next
}

/^\t\{"/ {
	n = split($0, quoted, "\"")
	rule = quoted[2]
	split(quoted[5], field, ", *")
	type = field[2]
	sub(/^TYPE_/, "", type)
	kind = field[3]
	split(quoted[7], tail, ", *")
	run = "[" bracket(tail[2]) "]{" tail[3] "," (tail[4] > 0 ? tail[4] : "") "}"
	if (kind == "KIND_KEY")
		re = "(?i)((?:" anchors(quoted[6], 1) ")[\"'\\]\\\\]*\\s*(?::=|=>|=|:)\\s*[\"'\\\\]*)" run
	else if (kind == "KIND_SCHEME")
		re = "(?i)(\\m(?:" quoted[6] ")[ \\t]+)" run
	else if (kind == "KIND_JWT")
		re = "\\meyJ[\\w-]{7,}\\.[\\w-]+\\.[\\w-]*(?:\\.[\\w-]+){0,2}"
	else if (kind == "KIND_PEM")
		re = "-----BEGIN [A-Z0-9 ]*PRIVATE KEY.*?(?:-----END [A-Z0-9 ]*-----|$)"
	else if (kind == "KIND_URL")
		re = "([a-zA-Z]://[^\\s:/@\"]*:)[^\\s/\"]+(?=@)"
	else if (kind == "KIND_EMAIL")
		re = "[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+"
	else if (kind == "KIND_BOT")
		re = "\\m\\d{8,10}:AA[\\w-]{33}"
	else if (kind == "KIND_AZURE")
		re = "[\\w.~-]{3}\\dQ~[\\w.~-]{31,34}"
	else if (kind == "KIND_CARD")
		re = "\\m\\d(?:[ -]?\\d){12,18}\\M"
	else if (kind == "KIND_IBAN")
		re = "\\m[A-Z]{2}\\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\\M"
	else if (kind == "KIND_SSN")
		re = "\\m\\d{3}-\\d{2}-\\d{4}\\M"
	else if (kind == "KIND_PHONE")
		re = "(?:\\+\\d{1,3}[ .-]?(?:\\(?\\d{2,4}\\)?[ .-]?){2,4}\\d{2,4}|\\(?\\m\\d{3}\\)?[ .-]\\d{3}[ .-]\\d{4})\\M"
	else if (quoted[6] != "" && tail[2] in classes && tail[2] != "CLASS_NONE")
		re = "\\m(?:" anchors(quoted[6], 0) ")" run
	else
		next
	# what stands before a value stays
	prefix = kind ~ /^KIND_(KEY|SCHEME|URL)$/ ? "\\1" : ""
	print rule "\t" prefix "[REDACTED:" type "]\t" re
}
