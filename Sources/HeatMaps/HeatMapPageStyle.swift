/// The page's style sheet: light and dark after the reader's setting, one column that fits a tablet.
enum HeatMapPageStyle {
    static let css = """
        :root { --ground: #eef1f4; --card: #fff; --text: #1b2530; --quiet: #5b6773; --line: #d9dfe5; }
        @media (prefers-color-scheme: dark) {
          :root { --ground: #11161b; --card: #1a2129; --text: #e6ebf0; --quiet: #9aa7b4; --line: #303a45; }
          img { filter: brightness(.9); }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--text);
          font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
        header, main { max-width: 1560px; margin: 0 auto; padding: 0 20px; }
        h1 { font-size: 26px; margin: 24px 0 0; } header p { margin: 2px 0 18px; color: var(--quiet); }
        nav { display: flex; flex-wrap: wrap; gap: 8px; margin-bottom: 18px; }
        nav a { display: inline-flex; align-items: center; gap: 8px; min-height: 44px; padding: 4px 14px 4px 8px;
          border: 1px solid var(--line); border-radius: 22px; background: var(--card); color: inherit; text-decoration: none;
          max-width: 100%; overflow-wrap: anywhere; }
        nav a > span:last-child { color: var(--quiet); font-variant-numeric: tabular-nums; }
        article { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px;
          margin-bottom: 22px; }
        h2 { font-size: 20px; margin: 0; display: flex; flex-wrap: wrap; align-items: center; gap: 10px;
          overflow-wrap: anywhere; }
        .type { color: var(--quiet); font-weight: 400; }
        .badge { font-size: 13px; font-weight: 700; letter-spacing: .04em; text-transform: uppercase; white-space: nowrap;
          padding: 3px 12px; border-radius: 14px; color: #fff; background: #5b6773; }
        .badge.bad { background: #b71c1c; } .badge.good { background: #1b7f4b; }
        .facts { margin: 6px 0 12px; color: var(--quiet); overflow-wrap: anywhere; } .facts b { color: var(--text); }
        ul { margin: 0 0 12px; padding-left: 22px; overflow-wrap: anywhere; }
        img { display: block; width: 100%; height: auto; border-radius: 8px; background: #fff; }
        .tables { display: flex; flex-wrap: wrap; gap: 18px 32px; margin-top: 14px; align-items: flex-start; }
        .scroll { overflow-x: auto; flex: 1 1 900px; } .narrow { flex: 0 1 300px; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { padding: 8px 12px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
        thead th { color: var(--quiet); font-size: 14px; vertical-align: bottom; }
        th small { display: block; font-weight: 400; }
        th:first-child, td.kind, thead th:nth-child(2) { text-align: left; } .narrow thead th:nth-child(2) { text-align: right; }
        .kind::before { content: ""; display: inline-block; width: 10px; height: 10px; border-radius: 5px; margin-right: 8px;
          background: #fd8d3c; }
        .kind.missing::before { background: #c2188f; } .kind.surface::before { background: #8fa9c4; }
        .none { color: var(--quiet); }
        @media print { article { break-inside: avoid; } nav { display: none; } }
        """
}
