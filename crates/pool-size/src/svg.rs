//! Throughput and latency against workers, as a picture. Two polylines need no plotting library: this page is what
//! `plotters` and its dozen dependencies would have been for.

use std::fmt::Write;

use crate::{Step, knee};

const WIDTH: f64 = 520.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 20.0;
const HEIGHT: f64 = 190.0;

/// The picture; it follows the reader's light or dark mode.
pub fn picture(title: &str, steps: &[Step]) -> String {
    let mut svg = String::new();
    let latency = |step: &Step| step.median.as_secs_f64() * 1e3;
    let described = steps.iter().fold(String::new(), |mut text, step| {
        let _ = write!(text, " {} workers: {:.0}/s, {:.1} ms.", step.workers, step.rate, latency(step));
        text
    });
    let _ = write!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 500" width="720" height="692" font-family="system-ui,sans-serif" font-size="15" role="img">
<title>{title}</title>
<desc>{title}.{described}</desc>
<style>
svg {{ background: #fff; color: #1a1a1a }} text {{ fill: currentColor }} .axis {{ stroke: #999 }} .grid {{ stroke: #ddd }}
.rate {{ stroke: #005f99; fill: #005f99 }} .latency {{ stroke: #984a00; fill: #984a00 }} .knee {{ stroke: #6b3fa0; stroke-dasharray: 4 3 }}
polyline {{ fill: none !important; stroke-width: 3 }}
@media (prefers-color-scheme: dark) {{ svg {{ background: #16181c; color: #ececec }} .grid {{ stroke: #3a3e45 }} .knee {{ stroke: #d3b1ff }} .rate {{ stroke: #7cc4ff; fill: #7cc4ff }} .latency {{ stroke: #ffb26b; fill: #ffb26b }} }}
</style>
<text x="12" y="26" font-size="17" font-weight="600">{title}</text>
"#,
        title = escape(title),
        described = escape(&described),
    );
    chart(&mut svg, 56.0, "answers a second", "rate", steps, |step| step.rate);
    chart(&mut svg, 284.0, "median latency, ms", "latency", steps, latency);
    svg += "</svg>\n";
    svg
}

fn chart(svg: &mut String, top: f64, name: &str, class: &str, steps: &[Step], value: impl Fn(&Step) -> f64) {
    let highest = steps.iter().map(&value).fold(f64::MIN_POSITIVE, f64::max);
    let bottom = top + HEIGHT - 30.0;
    let x = |index: usize| LEFT + (WIDTH - LEFT - RIGHT) * index as f64 / (steps.len().max(2) - 1) as f64;
    let y = |value: f64| bottom - (bottom - top - 20.0) * value / highest;
    let _ = writeln!(svg, r#"<text x="{LEFT}" y="{:.1}">{name}</text>"#, top + 10.0);
    for part in [0.0, 0.5, 1.0] {
        let (at, shown) = (y(highest * part), highest * part);
        let _ = writeln!(
            svg,
            r#"<line class="grid" x1="{LEFT}" x2="{:.1}" y1="{at:.1}" y2="{at:.1}"/>"#,
            WIDTH - RIGHT
        );
        let _ = writeln!(
            svg,
            r#"<text x="{:.1}" y="{:.1}" text-anchor="end">{shown:.0}</text>"#,
            LEFT - 8.0,
            at + 5.0
        );
    }
    let knee = knee(steps).map(|step| step.workers);
    let mut points = String::new();
    for (index, step) in steps.iter().enumerate() {
        let (x, y) = (x(index), y(value(step)));
        let _ = write!(points, "{x:.1},{y:.1} ");
        let _ = writeln!(svg, r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="4"/>"#);
        let _ = writeln!(
            svg,
            r#"<text x="{x:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
            bottom + 20.0,
            step.workers
        );
        if knee == Some(step.workers) {
            let _ = writeln!(
                svg,
                r#"<line class="knee" x1="{x:.1}" x2="{x:.1}" y1="{top:.1}" y2="{bottom:.1}"/>"#
            );
        }
    }
    let _ = writeln!(svg, r#"<polyline class="{class}" points="{}"/>"#, points.trim_end());
    let _ = writeln!(
        svg,
        r#"<text x="{:.1}" y="{:.1}" text-anchor="end">workers (dashed: the knee)</text>"#,
        WIDTH - RIGHT,
        bottom + 40.0
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
