# maestro: see docs/development.md for what each target does.

EXTENSION = maestro
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" maestro.control)
MODULE_big = maestro
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))

# The install script is these parts, in this order.
SQL_PARTS = \
	header \
	schema \
	enums \
	layer \
	ids \
	lenient \
	leak \
	sanitize \
	registry \
	event \
	log \
	retention \
	signal_store \
	json_schema \
	contract_lint \
	evaluation \
	regcomponent \
	append_only \
	partition \
	seal \
	catalogue \
	catalogue_data \
	crosswalk \
	readable \
	controls_input_output \
	controls_resources \
	controls_observability \
	controls_dependencies \
	controls_environment \
	controls_orchestration \
	control_map \
	decision \
	drill \
	review \
	attribute \
	boundary \
	verdict \
	run_verdict \
	signal \
	signal_fold \
	recount \
	action \
	observation \
	catalogue_guard \
	posture_input \
	posture \
	summary \
	evidence \
	trace \
	proof \
	checkpoint \
	unregistered \
	register \
	registry_lock \
	dependency \
	contract \
	component \
	step \
	stop \
	guard \
	attest \
	jcs \
	manifest \
	signature \
	snapshot \
	export \
	status \
	integrity \
	verify \
	rescan \
	log_control \
	user_control \
	sanitize_rule \
	roles \
	ddl_guard
SQL_BUILT = sql/$(EXTENSION)--$(EXTVERSION).sql
# DATA, not DATA_built: "make clean" must not delete a released script.
DATA = $(sort $(SQL_BUILT) $(wildcard sql/$(EXTENSION)--*.sql))

REGRESS = $(sort $(basename $(notdir $(wildcard test/sql/*.sql))))
REGRESS_OPTS = --inputdir=test
ISOLATION = $(sort $(basename $(notdir $(wildcard test/specs/*.spec))))
ISOLATION_OPTS = --inputdir=test --outputdir=.
EXTRA_CLEAN = stage build $(SQL_BUILT) $(VERIFIER)

# The auditor's program, from the very files that the extension is built of, without a server.
VERIFIER = src/bin/maestro-verify
VERIFIER_SOURCES = $(VERIFIER).c src/bin/bundle.c $(patsubst %,src/%.c,base64 canon merkle note sha256 sha256_ni)

# PostgreSQL 15 has no visibility support of its own: only what carries
# PGDLLEXPORT leaves the library.
PG_CPPFLAGS = '-DPGDLLEXPORT=__attribute__((visibility("default")))'
PG_CFLAGS = -std=gnu99 -fvisibility=hidden $(MAESTRO_CFLAGS)
SHLIB_LINK = -lcjson -lcrypto

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)

# Without the server's build system only the targets that set it up make sense.
ifeq (,$(wildcard $(PGXS)))
demo test bench fuzz soak quality conformance lint install all: setup
	@$(MAKE) --no-print-directory $@
else
include $(PGXS)

all: $(SQL_BUILT) verifier

.PHONY: verifier install-verifier uninstall-verifier
verifier: $(VERIFIER)
$(VERIFIER): $(VERIFIER_SOURCES) $(wildcard src/*.h src/bin/*.h)
	$(CC) -std=gnu99 -O2 -g -Wall -Wextra -D_GNU_SOURCE -DMAESTRO_STANDALONE -Isrc -o $@ $(VERIFIER_SOURCES) -lcjson -lcrypto
install: install-verifier
install-verifier: verifier
	$(MKDIR_P) '$(DESTDIR)$(bindir)'
	$(INSTALL_PROGRAM) $(VERIFIER) '$(DESTDIR)$(bindir)'
uninstall: uninstall-verifier
uninstall-verifier:
	rm -f '$(DESTDIR)$(bindir)/maestro-verify'
$(SQL_BUILT): $(SQL_PARTS:%=sql/parts/%.sql) $(EXTENSION).control Makefile
	cat $(filter %.sql,$^) > $@
$(OBJS): $(wildcard src/*.h)

# Two mistakes that would otherwise be silent: a part nobody lists, and a
# script in sql/ that pg_regress would run in place of the test of that name.
stray = $(filter-out $(SQL_PARTS:%=sql/parts/%.sql),$(wildcard sql/parts/*.sql)) \
	$(wildcard $(REGRESS:%=sql/%.sql))
ifneq (,$(strip $(stray)))
$(error unexpected SQL file: $(stray))
endif

# STAGE= tests what "make install" has installed.
STAGE = $(CURDIR)/stage
.PHONY: stage
stage: all
	$(if $(STAGE),rm -rf $(STAGE) && $(MAKE) -s install DESTDIR=$(STAGE))

# TRACES=FILE shows the posture of runs of your own, KEEP=1 leaves the server up.
.PHONY: demo
demo: setup
	@echo "Building maestro and starting a throw-away PostgreSQL server ..."
	@$(MAKE) -s --no-print-directory stage
	@STAGE=$(STAGE) PRELOAD=1 test/run.sh examples/demo.sh

.PHONY: test bench fuzz soak quality conformance lint reference
test: setup stage
	test/lint.sh
	STAGE=$(STAGE) test/run.sh test/all.sh

# Ratios to plain PostgreSQL in one run; takes some minutes.
bench: setup stage
	for script in test/bench/*.sh; do STAGE=$(STAGE) test/run.sh $$script || exit 1; done

# Recall and false positives of the sanitizer on a generated corpus. QUALITY_FLAGS=-v lists them,
# MAESTRO_CORPUS_SEED and MAESTRO_CORPUS_N choose another corpus.
quality: setup stage
	STAGE=$(STAGE) test/run.sh test/quality/report.py $(QUALITY_FLAGS)

# Made-up texts, then libFuzzer for that many seconds with each fuzzer.
FUZZ_TEXTS ?= 1000000
FUZZ_SECONDS ?= 300
fuzz: setup
	test/fuzz/run.sh $(FUZZ_TEXTS) $(FUZZ_SECONDS)

# Load and crashes for that many seconds, on a server of its own; MAESTRO_SEED= repeats one.
MAESTRO_SOAK_SECONDS ?= 600
soak: setup stage
	STAGE=$(STAGE) MAESTRO_SOAK_SECONDS=$(MAESTRO_SOAK_SECONDS) test/soak/soak.py

# The official JSON Schema test suite, file by file; MAESTRO_SUITE= is where it lies.
conformance: setup stage
	STAGE=$(STAGE) test/run.sh test/conformance/run.py

lint: setup stage
	test/lint.sh
	STAGE=$(STAGE) test/run.sh $(MAKE) -s installcheck REGRESS=surface ISOLATION=

# docs/reference.md is made of the comments in sql/parts.
reference:
	python3 docs/reference.py >docs/reference.md
endif

.PHONY: setup
setup:
	@test/setup.sh
