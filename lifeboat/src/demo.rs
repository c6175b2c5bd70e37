//! `lifeboat demo`: a simulated trust of five hospitals, its feeds over real MLLP on this machine, and one button that
//! plays the attack: the feeds fall silent and `drills/friday-12-may.drill` is played as an exercise in quick time.
//!
//! Always: says DEMONSTRATION on every page and sheet; nobody in it is real; what it keeps lies in one folder and is
//! there again at the next start. The trust writes its own ledger of what was acknowledged, which Lifeboat never
//! reads: `lifeboat demo --check` holds the record against it after any crash.

mod buttons;
mod check;
mod people;
mod plan;
mod region;

use crate::cli::Place;
use crate::clock::HurriedClock;
use crate::config::Config;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::{Begin, Store};
use crate::{cli, serve};
use buttons::{Buttons, Day, Pressed};
use drill::{Controls, Ledger, Progress, Size, Targets, Trust};
use plan::Plan;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Where the demonstration keeps what it keeps.
const DATA_DEFAULT: &str = "demo-data";
/// Where its pages are served, unless that port is taken.
const PORT_DEFAULT: u16 = 8480;
/// The attack's day, from the first ransom note to the evening, in eleven minutes.
const PACE_DEFAULT: u32 = 30;

#[derive(clap::Args)]
pub struct DemoArgs {
    #[command(subcommand)]
    action: Option<Action>,
    /// The port of its pages (default 8480, or a free one)
    #[arg(long)]
    port: Option<u16>,
    /// Another seed makes another trust; counts when the folder is new
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A smaller trust; counts when the folder is new
    #[arg(long)]
    quick: bool,
    /// How many minutes of the attack's day pass in one minute; 0: the attack only silences the feeds
    #[arg(long, value_name = "N", default_value_t = PACE_DEFAULT, value_parser = clap::value_parser!(u32).range(0..=600))]
    pace: u32,
    /// Another drill for the attack's day than the built-in `friday-12-may`
    #[arg(long, value_name = "FILE")]
    drill: Option<PathBuf>,
    /// Shut the doors: everybody signs in, and ready-made people of every role do so by one press
    #[arg(long)]
    sign_in: bool,
    /// Hold the record against the trust's own ledger: is everything acknowledged there?
    #[arg(long, conflicts_with_all = ["port", "quick"])]
    check: bool,
}

#[derive(clap::Subcommand, Clone, Copy)]
enum Action {
    /// Tell the running demonstration to play the attack
    Attack,
    /// Tell the running demonstration to bring the feeds back
    Restore,
}

pub fn run(place: Place, args: DemoArgs) -> Result<Ending, Failure> {
    if place.config.is_some() {
        return Err(Failure::usage("the demonstration needs no configuration; leave out --config"));
    }
    let data = place.data.unwrap_or_else(|| PathBuf::from(DATA_DEFAULT));
    match args.action {
        Some(Action::Attack) => buttons::press(&data, "attack"),
        Some(Action::Restore) => buttons::press(&data, "restore"),
        None if args.check => check::run(Config::of_data(data)),
        None => play(data, &args),
    }
}

fn play(data: PathBuf, args: &DemoArgs) -> Result<Ending, Failure> {
    serve::log_to_stderr();
    let port = args.port.or_else(|| free(PORT_DEFAULT)).unwrap_or(0);
    let web = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let size_now = if args.quick { Size::QUICK } else { Size::DEMO };
    let day = Day::of(args.drill.as_deref(), args.pace)?;
    let mut store = Store::open(Config::of_data(data), Begin::IfMissing)?;
    day.lay_down_rules(store.dir())?;
    let plan = Plan::of(store.dir(), args.seed, args.quick, store.clock.now())?;
    let clock = Arc::new(HurriedClock::ahead_by(plan.ahead_ms));
    store.clock = Arc::clone(&clock) as _;
    let size = if plan.quick { Size::QUICK } else { size_now };
    let trust = Trust::new(plan.seed, plan.start, size);
    // The public reads next door.
    let public_port = web.port().checked_add(1).filter(|_| web.port() != 0).and_then(free).unwrap_or(0);
    let public_web = SocketAddr::from((Ipv4Addr::LOCALHOST, public_port));
    plan::configure(&mut store.config, &trust, web, public_web);
    store.config.access = people::access_setup();
    let sign_in = args.sign_in;
    serve::runtime()?.block_on(async {
        let controls = Controls::new();
        let buttons = Buttons::new(controls.clone(), clock, plan, store.dir(), day);
        let mut server = serve::start(&store, Some(Arc::new(Pressed(Arc::clone(&buttons))))).await?;
        buttons.plays_on(server.room.clone());
        if sign_in {
            let (room, at) = (server.room.clone(), store.clock.now());
            let opening = tokio::task::spawn_blocking(move || people::open(room.access(), at));
            opening.await.map_err(|e| Failure::failed(format!("could not open the accounts: {e}")))??;
        }
        let ledger = Ledger::in_file(&store.dir().join("ledger"))
            .map_err(|e| Failure::failed(format!("could not open the trust's ledger: {e}")))?;
        let (ledger, progress) = (Arc::new(ledger), Arc::new(Progress::default()));
        welcome(server.web, server.public_desk.address(), store.dir(), (args.pace, sign_in));
        let targets = Targets::new(server.feeds.clone());
        let clock = Arc::clone(&store.clock);
        let trust =
            tokio::spawn(drill::run(trust, targets, clock, controls.orders(), ledger, Arc::clone(&progress)));
        let listening = tokio::spawn(buttons::listen(Pressed(Arc::clone(&buttons)), store.dir().to_owned()));
        let told = tokio::select! {
            told = serve::told_to_stop(&mut server, &store) => told?,
            () = show_beginning(&progress) => serve::Told::Stop,
        };
        buttons.stop_playing();
        controls.stop();
        listening.abort();
        let ending = serve::stop_as_told(server, told).await;
        // The senders have nothing to lose: what was not acknowledged is sent again at the next start.
        let _ = tokio::time::timeout(Duration::from_secs(2), trust).await;
        Ok(ending)
    })
}

fn free(port: u16) -> Option<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok().map(|_| port)
}

fn welcome(web: SocketAddr, public: Option<SocketAddr>, data: &Path, (pace, sign_in): (u32, bool)) {
    println!("DEMONSTRATION: five invented hospitals, invented patients.\n");
    println!("  Open  http://{web}\n");
    if sign_in {
        println!("  Its doors are shut: the sign-in page has a button for each of its invented people.\n");
    }
    if let Some(public) = public {
        println!("  The public reads at  http://{public}\n");
    }
    let day = match pace {
        0 => String::new(),
        _ => format!(",\nand the day is played as an exercise, {pace} minutes of it in one (--pace)"),
    };
    println!(
        "Play the attack with the button on the home page, or from another terminal: the feeds fall silent{day}."
    );
    println!("  lifeboat demo attack --data {0}     (and: lifeboat demo restore --data {0})", data.display());
    println!(
        "Stop with Ctrl-C, or pull the plug with kill -9 {}: start again and nothing",
        std::process::id()
    );
    println!("acknowledged is missing (lifeboat demo --check --data {}).", data.display());
}

/// Shows how much of the trust's present state has been sent; never ends.
async fn show_beginning(progress: &Progress) {
    let bar = cli::progress::entries("the hospitals report in");
    loop {
        let (done, total) = progress.burst();
        if total > 0 {
            bar.set_length(total);
            bar.set_position(done);
        }
        if total > 0 && done >= total {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    bar.finish_and_clear();
    println!("The hospitals have reported in; from here on their feeds are live.");
    std::future::pending::<()>().await;
}
