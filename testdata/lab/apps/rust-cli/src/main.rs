//! life GENERATIONS < BOARD: Conway's game on a board without edges.
use std::io::Read;
use std::process::exit;

mod board;
use board::Board;

fn main() {
    let generations = match std::env::args().nth(1).map(|a| a.parse::<u32>()) {
        Some(Ok(n)) => n,
        _ => {
            eprintln!("usage: life GENERATIONS < BOARD");
            exit(2);
        }
    };
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("a board in UTF-8");
    let mut board = match Board::parse(&text) {
        Ok(b) => b,
        Err(e) => {
            eprintln!("life: {e}");
            exit(1);
        }
    };
    for _ in 0..generations {
        board = board.next();
    }
    print!("{board}");
    println!("{} alive", board.alive());
}
