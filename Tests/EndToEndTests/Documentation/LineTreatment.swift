/// How a documented command line is run by the tests: as it stands, unless the tables here say more of it.
struct LineTreatment: Sendable {
    enum End: Sendable {
        /// By itself, with one of these exit codes.
        case itself([Int32])
        /// By SIGTERM, with 0, once its output has a line with this text.
        case interrupted(after: String)
        /// By SIGKILL then: a program of others, which is started with SIGTERM blocked as all of a test's are.
        case killed(after: String)
        /// It is the monitor: it goes on beside the page's other lines, and ends with 0 by SIGTERM.
        case monitor
    }

    enum Monitor: Sendable {
        /// Whether one runs does not matter.
        case any
        /// None: the line stands in its place.
        case none
        /// The page's, or if none runs one that is started by this line, and is fed with the world's scans.
        case running(String = "scanward run --model models --state state")
    }

    /// Options that make it short.
    var adding = ""
    /// What is put in the place of what.
    var replacing: [(String, String)] = []
    /// Command lines before it.
    var before: [String] = []
    /// A command line that runs meanwhile.
    var beside: String?
    var monitor = Monitor.any
    var end = End.itself([0])
    /// What its output has to contain.
    var says: String?

    /// Words that stand for something of the reader's, and what they stand for in the tests' world.
    static let placeholders = [
        ("MODELS", "models"), ("MAPS", "maps"), ("TYPE", "bracket"), ("DATA", "data"),
        ("'PUBLIC KEY OF THE MONITOR'", "monitor.key"), ("run ...", "run --model models --state state"),
        ("/backup/", "backup/"),
    ]

    private static let scanner =
        "scanward fake-scanner scans --to tcp://127.0.0.1:5600 --part-type bracket --loop 0 --rate 2"

    private static func adding(_ options: String) -> LineTreatment { LineTreatment(adding: options) }
    private static let teaching = adding("--steps 0 --detection-trials 0 --replace")
    private static let evaluating = adding("--steps 0 --channels deviation")
    private static let synthesizing = adding("--classes ring0 --points 3000 --good 1 --defects 7")
    private static let shapes = "--held-out 0.5 --points 1024"
    private static let monitor = LineTreatment(monitor: .none, end: .monitor)
    private static let beside = LineTreatment(monitor: .running())
    private static let examining = LineTreatment(adding: "--no-self-test --listen 0", monitor: .none)
    private static func following(_ text: String) -> LineTreatment {
        LineTreatment(monitor: .running(), end: .interrupted(after: text))
    }
    private static func foreign(_ text: String) -> LineTreatment {
        LineTreatment(beside: scanner, monitor: .running(), end: .killed(after: text))
    }

    /// By the line, without its comment.
    static let byLine: [String: LineTreatment] = [
        // README.md
        "scanward teach --type mug --out models/mug /usr/share/scanward/examples/mug/train": teaching,
        "sudo scanward teach --type mug --out /var/lib/scanward/models/mug /usr/share/scanward/examples/mug/train":
            teaching,
        "scanward teach --type bracket good/*.pcd": teaching,
        "scanward run --model models --state state": monitor,
        "scanward fake-scanner /usr/share/scanward/examples/mug/test --to tcp://127.0.0.1:5600 --part-type mug":
            LineTreatment(adding: "--topspeed", monitor: .running()),
        "scanward verdicts --consumer mes1": following("mug_01"),
        "scanward tap --bind tcp://127.0.0.1:5600": LineTreatment(
            adding: "--count 2", beside: scanner, monitor: .none, says: "fake-scanner"),
        "scanward doctor --model models --state state": LineTreatment(
            adding: "--no-self-test --listen 60", beside: scanner, monitor: .none, says: "all is well"),
        "scanward score scans/ --model models/bracket": LineTreatment(end: .itself([0, 2]), says: "part-17"),
        "scanward reload --state state": beside,
        "scanward why part-17 --state state": LineTreatment(monitor: .running(), says: "part-17"),
        "scanward record recordings": LineTreatment(adding: "--count 2", beside: scanner, monitor: .none),
        "scanward replay line.pcap --to tcp://127.0.0.1:5600": beside,

        // docs/accuracy.md, benchmark.md, evaluation.md
        "scanward score --model MODELS/TYPE --json --maps MAPS/TYPE fixtures/parts/TYPE/test >MAPS/TYPE.jsonl":
            LineTreatment(
                replacing: [("fixtures/parts/TYPE/test", "scans")], before: ["mkdir -p maps"], end: .itself([0, 2])),
        "scanward evaluate DATA/test-standard --steps 0 --seed 1 --backbone fixtures/backbone/small.safetensors --out OUT":
            evaluating,
        "scanward evaluate DATA/test-hard --steps 0 --seed 1 --backbone fixtures/backbone/small.safetensors --out OUT":
            evaluating,
        "scanward synthesize meshes --out standard --pose any --any-share 0.5": synthesizing,
        "scanward synthesize meshes --out hard --draw hard --pose any --any-share 0.5": synthesizing,
        "scanward synthesize meshes --out partial --scanner single-view --pose any --any-share 0.5": synthesizing,
        // What was synthesized has eight parts to judge; two do.
        "scanward evaluate standard": LineTreatment(
            adding: "--steps 0 --channels deviation --seed 1", replacing: [("standard", "data")]),
        "scanward evaluate DATA --seed 1 --predictions PRED": evaluating,

        // docs/commands.md
        "scanward teach --type bracket --out new good/*.pcd": adding("--steps 0 --detection-trials 0 --seed 7"),

        // docs/configuration.md, dashboard.md
        "scanward run --config config/scanward.yaml": monitor,
        "scanward reload --config config/scanward.yaml": LineTreatment(
            monitor: .running("scanward run --config config/scanward.yaml")),
        "scanward run ... --http 127.0.0.1:9000": monitor,
        "scanward run ... --tokens tokens": monitor,

        // docs/frames.md
        "scanward run --array-source scanner-a --array-unit mm --array-gap 0.5 --model models --part-type bracket":
            monitor,
        "python3 docs/integration/publish_array.py tcp://127.0.0.1:5600 part1.xyz": LineTreatment(
            monitor: .running(
                "scanward run --array-source scanner-a --array-unit mm --model models --part-type bracket")),

        // docs/integrating-a-scanner.md
        "scanward run --model models --json": monitor,
        "python3 docs/integration/publish.py tcp://127.0.0.1:5600 scanner-a bracket mm part1.xyz": LineTreatment(
            monitor: .running(), says: "part1: published"),

        // docs/operating.md
        "scanward teach --type bracket --out /var/lib/scanward/models/bracket good/*.pcd": teaching,
        "scanward reload": LineTreatment(monitor: .running("scanward run --config /etc/scanward/scanward.yaml")),
        "cp /etc/scanward/scanward.yaml /etc/scanward/left.yaml": LineTreatment(),
        "sqlite3 /var/lib/scanward/state/journal.sqlite \".backup '/backup/journal.sqlite'\"": LineTreatment(
            monitor: .running("scanward run --config /etc/scanward/scanward.yaml")),
        "scanward journal export /var/lib/scanward/state --format csv >/backup/verdicts.csv": LineTreatment(
            monitor: .running("scanward run --config /etc/scanward/scanward.yaml")),

        // docs/accuracy.md
        "scanward journal export /var/lib/scanward/state >verdicts.jsonl": LineTreatment(
            monitor: .running("scanward run --config /etc/scanward/scanward.yaml")),

        // docs/pretraining.md
        "scanward pretrain shapes/meshes --out run --size small --epochs 30": LineTreatment(
            adding: shapes, replacing: [("--epochs 30", "--epochs 1")]),
        "scanward teach --type bracket --backbone run/backbone.safetensors good/*.pcd": teaching,
        "scanward pretrain-data shapes/meshes --out data --size base --epochs 16": LineTreatment(
            adding: shapes, replacing: [("--epochs 16", "--epochs 1"), ("--out data", "--out samples")]),
        "scanward pretrain shapes/meshes --size base --start point-mae-base.safetensors --out run": LineTreatment(
            adding: shapes + " --epochs 1", replacing: [("--out run", "--out run-base")]),

        // docs/security.md
        "scanward run --bind tcp://*:5600 --publish tcp://*:5601 --model models --curve-secret monitor.key --allow-list allowed":
            LineTreatment(
                before: [
                    "scanward keys generate mes.key", "scanward keys allow mes mes.key --allow-list allowed",
                ], monitor: .none, end: .monitor),
        "scanward verdicts tcp://monitor:5601 --curve-secret mes.key --server-key 'PUBLIC KEY OF THE MONITOR'":
            LineTreatment(
                beside: scanner + " --curve-secret scanner-a.key --server-key monitor.key",
                end: .interrupted(after: "part-17")),

        // docs/troubleshooting.md
        "scanward tap tcp://192.168.1.20:5556 --duration 3": LineTreatment(end: .itself([3]), says: "nobody listens"),
        "scanward doctor": examining,
        "scanward doctor --state state": examining,
        "scanward why mug_01 --state state": LineTreatment(monitor: .running(), says: "mug_01"),
        "scanward doctor --bind tcp://127.0.0.1:5600": LineTreatment(
            adding: "--no-self-test --listen 0", monitor: .running(), end: .itself([6]), says: "port taken"),

        // docs/verdicts.md
        "scanward verdicts --consumer mes1 --json": following("\"part_id\":\"mug_01\""),
        "scanward verdicts --from 17": LineTreatment(
            replacing: [("17", "1")], monitor: .running(), end: .interrupted(after: "mug_01")),
        "python3 docs/clients/verdicts.py mes1": foreign("part-17"),
        "curl '127.0.0.1:8088/api/verdicts?from=17&evaluation=not_ok'": beside,
        "curl '127.0.0.1:8088/api/verdicts?order=newest&limit=20&format=summary'": LineTreatment(
            monitor: .running(), says: "mug_01"),
        "curl -N -H 'Accept: text/event-stream' 127.0.0.1:8088/api/verdicts": foreign("data:"),
    ]

    private static let isPackaging = "PackageTests install, use, upgrade, remove and purge the package in an overlay"
    private static let isManager =
        "systemd is not the first process here; UnitTests, SandboxTests and WatchdogTests try the units without it"
    private static let isPython = "needs Python packages that no test installs (numpy, torch, trimesh), and hours"
    private static let isFleet = "needs a NATS server; FleetFaultTests run it beside one"
    private static let isFleetBenchmark = "is a benchmark: it needs a NATS server, a taught model and minutes"
    private static let isForeign = "a program of others"

    /// Lines that are not run, and why.
    static let notRun: [String: String] = [
        "make demo-fleet": "builds everything; FleetFaultTests run the same processes",
        "scanward fleet init": isFleet,
        "scanward fleet status": isFleet,
        "scanward run --role score --state worker": isFleet,
        "scanward run --role ingest --line press1 --model models --state press1": isFleet,
        "scanward run --role hub --line hub --state hub": isFleet,
        "tools/fleet-bench.py --model MODEL --parts 16 --points 30000 --workers 1 2": isFleetBenchmark,
        "tools/fleet-bench.py --model MODEL --parts 12 --points 30000 --pace 0.5": isFleetBenchmark,
        "make demo": "builds everything; LineTests replay the same line",
        "make test": "is what runs this",
        "make deb": isPackaging,
        "make bench": "takes minutes, on an idle machine",
        "make test-faults ROW=FleetFaultTests": "takes an hour; make test runs the short form",
        "swift build -c release --product network-benchmark": "CI builds the benchmarks",
        "sudo apt install ./build/scanward_*.deb": isPackaging,
        "apt install ./scanward_0.1.0_amd64.deb": isPackaging,
        "apt install ./scanward_0.2.0_amd64.deb": isPackaging,
        "apt remove scanward": isPackaging,
        "apt purge scanward": isPackaging,
        "apt install sweethome3d-furniture": "fetches a package",
        "sudo systemctl enable --now scanward": isManager,
        "systemctl enable --now scanward": isManager,
        "systemctl status scanward": isManager,
        "systemctl reload scanward": isManager,
        "systemctl enable --now scanward@left": isManager,
        "journalctl -u scanward -f": isManager,
        "editor /etc/scanward/left.yaml": "is a person's",
        "pip install -r tools/benchmark/requirements.txt": "fetches packages",
        "pip install numpy scipy trimesh pybullet": "fetches packages",
        "pip install torch safetensors": "fetches packages",
        "pip install torch numpy scipy trimesh safetensors pybullet matplotlib": "fetches packages",
        "export OMP_NUM_THREADS=1 MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8589934592 MALLOC_TOP_PAD_=536870912":
            isPython,
        "python tools/evaluation/fixture_labels.py labels.npz": isPython,
        "python tools/evaluation/channel_accuracy.py labels.npz MAPS": isPython,
        "python tools/evaluation/recorded_line.py fixtures/parts/truth.json <verdicts.jsonl":
            "needs a verdict on every part of the recorded line; LineTests replay it",
        "python tools/evaluation/compare_metrics.py evaluation/DATA/results.json fusion theirs.json": isPython,
        "python tools/benchmark/meshes.py --out meshes": isPython,
        "python tools/pretraining/prepare.py --furniture /usr/share/sweethome3d/furniture --out shapes --processes 2":
            isPython,
        "python tools/pretraining/prepare.py --furniture /usr/share/sweethome3d/furniture --out data --processes 2":
            isPython,
        "python tools/pretraining/pretrain.py --data data --out run --epochs 300 --batch 128 --rate 1e-3 --mixed":
            isPython,
        "python tools/pretraining/pretrain.py --data data --out run --size small --minutes 75": isPython,
        "python tools/pretraining/check.py --weights run/backbone.safetensors --data data/validation.safetensors --scanward .build/release/scanward":
            isPython,
        "python tools/pretraining/convert_point_mae.py pretrain.pth point-mae.safetensors": isPython,
        "python tools/pretraining/export.py run/checkpoint.pt pretrained-small.safetensors":
            "is of the commit that the page names: pretraining has been the program's own since",
        "python tools/pretraining/plot.py run/log.csv pretraining-loss.png": isPython,
        "python3 Benchmarks/compare_network.py --repetitions 5": isPython,
        "cd PEERS && venv/bin/python PATH/TO/Benchmarks/peers.py --ours PATH/TO/geometry-benchmark": isPython,
        "baselines.py --gt DATA/test-standard/pcd --out PRED --methods a,b,c,d": isForeign,
        "score.py --gt DATA/test-standard/pcd --pred PRED/c": isForeign,
        "python baselines.py --gt standard/pcd --out pred --methods a --fast --classes bottle4,bowl2,cup0,gear0,jar0,lever0,tap0,vase2":
            isForeign,
        "python score.py --gt DATA/pcd --pred PRED/fusion --json theirs.json": isForeign,
        "scanward import-checkpoint point-mae.safetensors --out point-mae-base.safetensors":
            "Point-MAE's checkpoint is another's; PointMAECheckpointTests read one of its layout",
    ]
}
