//! A test that heads lie in their circle. Hair and hats that the circle cuts off look like a mistake.

use super::*;

/// 92 % of the circle's radius, which is 50 units, and a little for rounding.
const RADIUS_MAX: f64 = 46.0 + 0.05;

#[test]
fn every_head_lies_within_92_percent_of_its_circle() {
    let outlines: Vec<Vec<OutlinePoint>> = TOPS.iter().map(|top| outline(top)).collect();
    for name in (0..600).map(|i| format!("Name {i}")) {
        let (face, look) = (svg(&name, Mood::Speaking), Look::of(&name));
        assert!(face.contains(TOPS[look.top]));
        let (_, transform) = face.split_once(r#"transform=""#).expect("a transform");
        let (transform, _) = transform.split_once('"').expect("its end");
        let points = outlines[look.top].iter().chain(&MOUTH_AND_EYES);
        let furthest = points
            .map(|point| placed(transform, *point))
            .map(|(x, y)| (x - 50.0).hypot(y - 50.0))
            .fold(0.0, f64::max);
        assert!(furthest <= RADIUS_MAX, "{furthest}: {face}");
    }
}

#[test]
fn no_head_is_small() {
    for fit in FITS.iter().filter(|fit| !fit.is_empty()) {
        let numbers = numbers(fit);
        let [_, _, scale] = numbers[..] else { panic!("{fit}") };
        assert!((0.8..=1.0).contains(&scale), "{fit}");
    }
}

type OutlinePoint = (f64, f64);

/// The corners of the open mouth, and of the widest glasses.
const MOUTH_AND_EYES: [OutlinePoint; 7] = [
    (38.0, 69.0),
    (62.0, 69.0),
    (41.0, 80.0),
    (50.0, 85.0),
    (59.0, 80.0),
    (24.4, 54.0),
    (75.6, 54.0),
];

/// Where a list of SVG transforms puts a point. The last one in the text is applied first.
fn placed(transforms: &str, point: OutlinePoint) -> OutlinePoint {
    let steps: Vec<&str> = transforms.split_inclusive(')').collect();
    steps.iter().rev().fold(point, |(x, y), step| {
        let of = numbers(step);
        match (step.split('(').next(), of.as_slice()) {
            (Some("scale"), [factor]) => (x * factor, y * factor),
            (Some("translate"), [right]) => (x + right, y),
            (Some("translate"), [right, down]) => (x + right, y + down),
            (Some("rotate"), [degrees, cx, cy]) => {
                let (sin, cos) = degrees.to_radians().sin_cos();
                let (dx, dy) = (x - cx, y - cy);
                (cx + dx * cos - dy * sin, cy + dx * sin + dy * cos)
            }
            _ => panic!("{step}"),
        }
    })
}

/// Points on the edges of circles, rectangles and paths.
fn outline(markup: &str) -> Vec<OutlinePoint> {
    let mut points = vec![];
    for element in markup.split_inclusive("/>") {
        let value = |name: &str| {
            let (_, rest) = element.split_once(&format!(" {name}=\"")).expect(name);
            rest.split('"').next().expect("a value")
        };
        let number = |name: &str| value(name).parse::<f64>().expect(name);
        if element.starts_with("<circle") {
            let (cx, cy, r) = (number("cx"), number("cy"), number("r"));
            let edge = (0..72).map(|step| f64::from(step * 5).to_radians());
            points.extend(edge.map(|angle| (cx + r * angle.cos(), cy + r * angle.sin())));
        } else if element.starts_with("<rect") {
            let (x, y) = (number("x"), number("y"));
            let (right, bottom) = (x + number("width"), y + number("height"));
            points.extend([(x, y), (right, y), (x, bottom), (right, bottom)]);
        } else {
            points.extend(path(value("d")));
        }
    }
    points
}

/// Points on a path of the absolute commands M, H, V, C, Q, T and z (SVG 2 section 9.3).
fn path(d: &str) -> Vec<OutlinePoint> {
    let mut points: Vec<OutlinePoint> = vec![];
    let mut control = (0.0, 0.0);
    for (at, command) in d.match_indices(char::is_alphabetic) {
        let rest = &d[at + 1..];
        let end = rest.find(char::is_alphabetic).unwrap_or(rest.len());
        let arguments = numbers(&rest[..end]);
        let size = match command {
            "z" => continue,
            "H" | "V" => 1,
            "M" | "T" => 2,
            "Q" => 4,
            "C" => 6,
            other => panic!("{other}"),
        };
        for numbers in arguments.chunks(size) {
            let from = points.last().copied().unwrap_or_default();
            match (command, numbers) {
                // The pairs after the first one are lines, whose ends are enough here.
                ("M", [x, y]) => points.push((*x, *y)),
                ("H", [x]) => points.push((*x, from.1)),
                ("V", [y]) => points.push((from.0, *y)),
                ("C", [ax, ay, bx, by, x, y]) => points.extend(bend(&[from, (*ax, *ay), (*bx, *by), (*x, *y)])),
                ("Q", [ax, ay, x, y]) => {
                    control = (*ax, *ay);
                    points.extend(bend(&[from, control, (*x, *y)]));
                }
                ("T", [x, y]) => {
                    control = (2.0 * from.0 - control.0, 2.0 * from.1 - control.1);
                    points.extend(bend(&[from, control, (*x, *y)]));
                }
                other => panic!("{other:?}"),
            }
        }
    }
    points
}

/// Points on a Bézier curve, by de Casteljau's algorithm. The last point is the end of the curve.
fn bend(controls: &[OutlinePoint]) -> Vec<OutlinePoint> {
    let between = |a: f64, b: f64, part: f64| a + (b - a) * part;
    let at = |part: f64| {
        let mut points = controls.to_vec();
        while points.len() > 1 {
            points = points
                .windows(2)
                .map(|pair| (between(pair[0].0, pair[1].0, part), between(pair[0].1, pair[1].1, part)))
                .collect();
        }
        points[0]
    };
    (1..=20).map(|step| at(f64::from(step) / 20.0)).collect()
}

/// The numbers in a text such as `16 40Q50-2`, where a minus sign also begins a number.
fn numbers(text: &str) -> Vec<f64> {
    text.replace('-', " -")
        .split(|c: char| !(c.is_ascii_digit() || c == '-' || c == '.'))
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().expect(word))
        .collect()
}
