# The entry to everything. `make demo` and `make test` need nothing but Swift and a Debian machine.
.PHONY: deb demo demo-fleet pictures test test-faults test-asan soak build bench bench-ingest bench-journal fuzz lint man completions packages test-packages fixtures clean

BUILD := swift build -c release --product scanward
# Numeric code is tested in release: debug kernels are many times slower. The tests' flags differ from the program's, so they
# have a build folder of their own: neither build undoes the other.
TEST := swift test -c release -Xswiftc -enable-testing --disable-xctest --scratch-path .build-tests

demo: packages
	$(BUILD)
	tools/demo.sh

# A line, three workers of which one is killed, and the hub's page.
demo-fleet: test-packages
	$(BUILD)
	tools/demo-fleet.sh

test: test-packages
	$(TEST)

# The promises of docs/reliability.md at their whole length; each row prints its figures. One alone: make test-faults ROW=KillTests
ROW := FaultTests|JournalTests
test-faults: test-packages
	SCANWARD_FAULTS=full $(TEST) --filter '$(ROW)'

# The pure targets' tests under AddressSanitizer, with a build folder of its own.
ASAN := FrameProtocolTests|EvaluationTests|IngestTests|PublishingTests|DecoderTests|FleetTests|PointCloudsTests|NeuralNetworkTests|IMRNetTests|InspectionTests|AnomalySynthesisTests|HeatMapsTests|ThreadsTests
test-asan: test-packages
	SCANWARD_PURE=1 ASAN_OPTIONS=detect_leaks=0 swift test -c release -Xswiftc -enable-testing --disable-xctest --scratch-path .build-asan --sanitize=address --filter '$(ASAN)'
# Parts at a line's pace for 20 minutes: memory and descriptors must stay.
soak: test-packages
	SCANWARD_SOAK=1200 $(TEST) --filter SoakTests

# docs/dashboard-live.png and docs/dashboard-part.png anew; on a quiet machine, as they show latencies.
pictures: build
	@tools/install-packages.sh packages.txt test-packages.txt picture-packages.txt
	tools/pictures.sh

build: packages
	$(BUILD)

# build/scanward_VERSION_ARCHITECTURE.deb: the program with its Swift runtime, units, configuration (docs/operating.md).
deb: man completions
	tools/deb/build.sh .build/release/scanward

# Times of the geometry engine and of the network by themselves; beside their peers they are the business of docs/performance.md
# and docs/performance-network.md.
bench:
	swift run -c release geometry-benchmark all
	swift run -c release network-benchmark

# Captures to frames, and frames over tcp: docs/performance.md.
bench-ingest:
	swift run -c release ingest-benchmark capture
	swift run -c release ingest-benchmark tcp

# From the journal to a subscriber, with one fsync and with group commit, in this folder's file system.
bench-journal:
	swift run -c release journal-benchmark .

# Every decoder of bytes from outside for a minute each, with libFuzzer; what is found for the corpus is kept.
fuzz:
	tools/fuzzing/run.sh 60

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks tools/fuzzing/Package.swift tools/fuzzing/Sources

# Manual pages and completions, of what the program says of itself: build/man/*.1, build/completions/.
PROGRAM := .build/release/scanward
man: build
	python3 tools/manual.py $(PROGRAM) build/man

completions: build
	tools/completions.sh $(PROGRAM) build/completions

packages:
	@tools/install-packages.sh packages.txt

test-packages:
	@tools/install-packages.sh packages.txt test-packages.txt

# Makes fixtures/ anew from Debian's sweethome3d-furniture and the seed in tools/fixtures/plan.py.
fixtures:
	tools/fixtures/make.sh

clean:
	rm -rf build .build .build-tests .build-asan .demo tools/fuzzing/.build
