//! Prints how fast the files named on the command line are parsed, on one core: `cost FILE..`.

#![expect(clippy::print_stdout, reason = "the program's answer")]

use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let (mut n_bytes, mut n_items, mut spent) = (0, 0, Duration::ZERO);
    for path in std::env::args_os().skip(1) {
        let text = std::fs::read(path)?;
        let start = Instant::now();
        n_items += cleave_c::parse(&text).items().len();
        spent += start.elapsed();
        n_bytes += text.len();
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
    let rate = n_bytes as f64 / 1e6 / spent.as_secs_f64();
    println!("{n_bytes} bytes, {n_items} items, {rate:.1} MB a second");
    Ok(())
}
