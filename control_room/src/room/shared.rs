//! What the room's parts ask of each other: the book, the memory, the rules of each feed, who waits for what.

use super::*;

impl Shared {
    pub(super) fn open(
        setup: Setup,
        keys: &Keys,
        clock: Arc<dyn Clock>,
        disk: Arc<dyn Disk>,
        opening: Opening,
    ) -> Result<(Arc<Self>, Follower), Fault> {
        crate::index::make_folder(&setup.data_dir)?;
        let opened = clock.now();
        let loggist = open_book(&setup.data_dir, ControlRoom::book_name(), keys, disk.clone(), opened)?;
        let incident = IncidentRoom::open(&setup.data_dir, setup.zone.clone(), keys, disk.clone(), opened)?;
        let clinics =
            crate::ClinicRoom::open(&setup.data_dir, setup.zone.clone(), keys, disk.clone(), opened)?;
        let to_access = (setup.access, setup.zone.clone());
        let access = crate::AccessRoom::open(&setup.data_dir, to_access, keys, disk, opened)?;
        let reader = loggist.reader()?;
        let special_lists = clinics.forms.special_lists.clone();
        let mut place = Place::new(&setup.data_dir, keys, setup.index_cache_mb, special_lists);
        if let Opening::With(planted) = opening {
            place.planted = Some(planted);
        }
        if opening == Opening::Anew {
            // Only now: the open book is locked against a running program, whose index must not be taken away.
            place.discard()?;
        }
        let shared = Arc::new(Self {
            pool: Pool::new(place.clone()),
            place,
            reader,
            clock,
            opened,
            loggist: RwLock::new(Some(loggist)),
            feed_setups: setup.feeds.iter().map(|f| (f.name.clone(), f.clone())).collect(),
            setup,
            rules: RwLock::default(),
            confirmed: RwLock::default(),
            column_maps: RwLock::default(),
            memory: RwLock::default(),
            feeds: Mutex::default(),
            door: Mutex::default(),
            incident,
            clinics,
            access,
            queue: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            work: Condvar::new(),
            done: Condvar::new(),
            applied: AtomicU64::new(0),
            told: AtomicU64::new(0),
            closing: AtomicBool::new(false),
            board: Mutex::default(),
            hatch: HatchDesk::default(),
            changes: broadcast::channel(CHANGES_MAX).0,
        });
        shared.setup.feeds.iter().for_each(|feed| shared.feeds().expect(&feed.name));
        let follower = Follower::open(&shared)?;
        shared.remember_tail(follower.applied())?;
        shared.tick();
        Ok((shared, follower))
    }

    /// The index was opened: its memory is everybody's now.
    pub fn opened_index(&self, writer: &IndexWriter, memory: Memory) -> Result<(), Fault> {
        self.applied.store(writer.state.applied.0, Ordering::SeqCst);
        self.told.store(writer.state.applied.0, Ordering::SeqCst);
        let mut feeds = self.feeds();
        feeds.forget_applied();
        feeds.applied(&writer.state.tallies, writer.state.applied, Some(self.opened));
        drop(feeds);
        *self.memory_to_change() = memory;
        let mut door = self.door();
        if writer.state.seen > MEMORY_MAX as u64 {
            door.memory.forget_past();
            return Ok(());
        }
        writer.all_seen(&mut |id, entry, content| {
            let key = MessageKey { id, content, naming: crate::duplicates::Naming::Identified };
            door.memory.note(key, EntryNumber(entry), writer.state.applied);
        })
    }

    /// Messages in the book that the index does not have yet are remembered before the door opens: after a crash the
    /// first thing that senders do is to send again. A long tail means that the index is being made again; then the
    /// follower notices what the door could not.
    fn remember_tail(&self, applied: u64) -> Result<(), Fault> {
        let size = self.reader.len();
        if size.saturating_sub(applied) > TAIL_MAX {
            return Ok(());
        }
        for entry in self.reader.read_from(EntryNumber(applied + 1)) {
            let entry = entry?;
            match entries::read(entry.number, entry.kind, &entry.body) {
                Ok(Body::Received(feed, bytes)) => {
                    let key = MessageKey::of(&self.place.sums, &feed, bytes);
                    self.door().memory.note(key, entry.number, EntryNumber(applied));
                    self.feeds().kept(&feed, entry.at, entry.number);
                }
                Ok(Body::Intent(signed)) => self.hatch.note_ahead(entry.number, entry.at, &signed),
                Err(_) => {}
            }
        }
        Ok(())
    }

    pub fn clinic_setup(&self) -> &crate::ClinicSetup {
        &self.setup.clinics
    }

    pub fn memory(&self) -> RwLockReadGuard<'_, Memory> {
        self.memory.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn memory_to_change(&self) -> RwLockWriteGuard<'_, Memory> {
        self.memory.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn feeds(&self) -> MutexGuard<'_, Feeds> {
        lock(&self.feeds)
    }

    pub fn door(&self) -> MutexGuard<'_, Door> {
        lock(&self.door)
    }

    pub fn board(&self) -> Board {
        lock(&self.board).clone()
    }

    pub fn say(&self, what: impl FnOnce(&mut Board)) {
        what(&mut lock(&self.board));
    }

    /// The damage that a reader met, once.
    pub fn take_damage(&self) -> Option<String> {
        lock(&self.board).damaged.take()
    }

    pub fn closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    pub fn applied_entry(&self) -> EntryNumber {
        EntryNumber(self.applied.load(Ordering::SeqCst))
    }

    pub fn tell(&self, change: Change) {
        // Nobody may be listening.
        drop(self.changes.send(change));
    }

    /// A feed's rules, as configured or by default.
    pub fn feed_setup(&self, feed: &FeedName) -> FeedSetup {
        self.feed_setups
            .get(feed)
            .cloned()
            .unwrap_or_else(|| FeedSetup { zone: self.setup.zone.clone(), ..FeedSetup::named(feed.clone()) })
    }

    pub fn strict(&self, feed: &FeedName) -> bool {
        self.feed_setups.get(feed).is_some_and(|f| f.strict)
    }

    pub fn site_default(&self, feed: &FeedName) -> SiteId {
        self.site_default_of(Some(feed))
    }

    /// The site of a ward for which neither message nor feed names one: the feed's, or the only one there is.
    pub fn site_default_of(&self, feed: Option<&FeedName>) -> SiteId {
        let of_feed = feed.and_then(|f| self.feed_setups.get(f)).and_then(|f| f.site.clone());
        of_feed.or_else(|| self.setup.feeds.iter().find_map(|f| f.site.clone())).unwrap_or_else(site_unnamed)
    }

    /// Runs `read` with a feed's rules, places learned so far among them.
    pub fn with_rules<T>(&self, feed: &FeedName, read: impl FnOnce(&FeedRules) -> T) -> T {
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = rules.get(feed) {
            return read(rules);
        }
        drop(rules);
        let fresh = || {
            let mut fresh = self.feed_setup(feed).rules();
            if let Some(map) = self.confirmed.read().unwrap_or_else(PoisonError::into_inner).get(feed) {
                fresh.locations = map.clone();
            }
            if let Some(maps) = self.column_maps.read().unwrap_or_else(PoisonError::into_inner).get(feed) {
                fresh.column_maps.clone_from(maps);
            }
            fresh
        };
        let result = read(&fresh());
        let mut rules = self.rules.write().unwrap_or_else(PoisonError::into_inner);
        // A sender may invent feed names; rules that nobody configured are cheap to make again.
        if rules.len() < 1000 {
            // Made under the lock: a map confirmed just now is in it.
            rules.entry(feed.clone()).or_insert_with(fresh);
        }
        result
    }

    pub fn learn_place(&self, feed: &FeedName, place: &translate::PlaceName) -> bool {
        self.with_rules(feed, |_| ());
        let mut rules = self.rules.write().unwrap_or_else(PoisonError::into_inner);
        rules.get_mut(feed).is_some_and(|rules| rules.locations.learn_place(place.clone()))
    }

    pub fn resolve_place(&self, feed: &FeedName, reference: &str) -> Option<care::Location> {
        self.with_rules(feed, |rules| rules.locations.resolve_reference(reference, rules.site.as_ref()))
    }

    /// From now on this map is the feed's; places that the feed named stay known.
    pub fn confirm_locations(&self, feed: &FeedName, map: &translate::LocationMap) {
        let mut rules = self.rules.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = rules.get_mut(feed) {
            let places = std::mem::take(&mut rules.locations.places);
            rules.locations = translate::LocationMap { places, ..map.clone() };
        }
        let mut confirmed = self.confirmed.write().unwrap_or_else(PoisonError::into_inner);
        confirmed.insert(feed.clone(), map.clone());
    }

    /// From now on this feed's lists under the map's headings are read by it; gives all maps of the feed.
    pub fn confirm_columns(&self, feed: &FeedName, map: translate::ColumnMap) -> Vec<translate::ColumnMap> {
        let mut rules = self.rules.write().unwrap_or_else(PoisonError::into_inner);
        let mut confirmed = self.column_maps.write().unwrap_or_else(PoisonError::into_inner);
        let maps = confirmed.entry(feed.clone()).or_default();
        maps.retain(|known| !map.replaces(known));
        maps.push(map);
        if let Some(rules) = rules.get_mut(feed) {
            rules.column_maps.clone_from(maps);
        }
        maps.clone()
    }

    /// A ward's name by the feed's map in use: the confirmed one, else `configured`.
    pub fn ward_name_in(
        &self,
        feed: &FeedName,
        configured: &translate::LocationMap,
        ward: &basics::WardId,
    ) -> Option<String> {
        let confirmed = self.confirmed.read().unwrap_or_else(PoisonError::into_inner);
        confirmed.get(feed).unwrap_or(configured).ward_name(ward).map(str::to_owned)
    }

    /// Forgets what places feeds named and what maps were confirmed: the index is about to tell both again.
    pub fn forget_places(&self) {
        self.confirmed.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.column_maps.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.rules.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub fn translate(&self, feed: &FeedName, bytes: &[u8], entry: EntryNumber, at: Moment) -> Translation {
        let received = Received { entry, received: at, feed: feed.clone() };
        let format = self.feed_setups.get(feed).map_or(crate::FeedFormat::Either, |f| f.format);
        self.with_rules(feed, |rules| translate_guarded(format, bytes, &received, rules))
    }

    /// A message as it is kept.
    pub fn entry(&self, number: EntryNumber) -> Result<Option<FeedEntry>, Fault> {
        let Some(entry) = self.reader.entry(number)? else { return Ok(None) };
        Ok(match entries::read(number, entry.kind, &entry.body)? {
            Body::Received(feed, bytes) => {
                Some(FeedEntry { feed, bytes: bytes.to_vec(), at: entry.at, number })
            }
            Body::Intent(_) => None,
        })
    }

    /// Hands a submission to the loggist; `landed` is told that the room is closed when it is.
    pub fn with_loggist<F>(&self, landed: F, submit: impl FnOnce(&Loggist, F))
    where
        F: FnOnce(Result<Sealed, logbook::Fault>),
    {
        match &*self.loggist.read().unwrap_or_else(PoisonError::into_inner) {
            Some(loggist) => submit(loggist, landed),
            None => landed(Err(logbook::Fault::Closed)),
        }
    }

    /// Keeps one entry and waits until it is durable.
    pub fn append(&self, kind: u16, body: &[u8], at: Moment) -> Result<Sealed, Fault> {
        match &*self.loggist.read().unwrap_or_else(PoisonError::into_inner) {
            Some(loggist) => Ok(loggist.append(kind, body, at)?),
            None => Err(Fault::Closed),
        }
    }

    pub fn append_batch(&self, bodies: Vec<(u16, Vec<u8>, Moment)>) -> Result<Vec<Sealed>, Fault> {
        match &*self.loggist.read().unwrap_or_else(PoisonError::into_inner) {
            Some(loggist) => Ok(loggist.append_batch(bodies)?),
            None => Err(Fault::Closed),
        }
    }

    /// How the loggist stands; `None` when closed.
    pub fn loggist_status(&self) -> Option<logbook::Status> {
        self.loggist.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(Loggist::status)
    }

    /// Hands a fresh entry to the follower, unless too many wait already.
    pub fn hand_over(&self, entry: EntryNumber, fresh: Fresh) {
        let mut queue = lock(&self.queue);
        if queue.bytes + fresh.bytes.len() <= FRESH_BYTES_MAX {
            queue.bytes += fresh.bytes.len();
            queue.fresh.insert(entry.0, fresh);
        }
        let asleep = std::mem::take(&mut queue.asleep);
        drop(queue);
        // A follower at work looks for itself: waking it again for every message would cost each sender dear.
        if asleep {
            self.work.notify_one();
        }
    }

    /// The fresh entries from this number on that follow each other, at most so many entries and about so many bytes;
    /// older ones, which were read from the book, are let go.
    pub fn take_fresh(&self, next: u64, entries_max: usize, bytes_max: usize) -> Vec<Fresh> {
        let (mut taken, mut bytes) = (Vec::new(), 0);
        let mut queue = lock(&self.queue);
        while taken.len() < entries_max && bytes < bytes_max {
            let due = next + taken.len() as u64;
            let Some(first) = queue.fresh.first_entry().filter(|first| *first.key() <= due) else { break };
            let (number, fresh) = first.remove_entry();
            queue.bytes = queue.bytes.saturating_sub(fresh.bytes.len());
            if number == due {
                bytes += fresh.bytes.len();
                taken.push(fresh);
            }
        }
        taken
    }

    /// Waits until there is something to apply, or a while has passed.
    pub fn wait_for_work(&self, at_most: Duration) {
        let mut queue = lock(&self.queue);
        if queue.fresh.is_empty() && !self.closing() && self.reader.len() <= self.applied_entry().0 {
            queue.asleep = true;
            let (mut queue, _) =
                self.work.wait_timeout(queue, at_most).unwrap_or_else(PoisonError::into_inner);
            queue.asleep = false;
        }
    }

    /// Waits that long, whatever comes, unless the room closes.
    pub fn rest(&self, long: Duration) {
        let queue = lock(&self.queue);
        drop(self.work.wait_timeout_while(queue, long, |_| !self.closing()));
    }

    /// Lets entries gather for the next batch, unless somebody waits for one of them.
    pub fn let_gather(&self, at_most: Duration) {
        let queue = lock(&self.queue);
        drop(self.work.wait_timeout_while(queue, at_most, |queue| queue.awaited == 0 && !self.closing()));
    }

    /// Whether somebody waits for an entry to be applied.
    pub fn awaited(&self) -> bool {
        lock(&self.queue).awaited > 0
    }

    /// A message set out for the disk, or has landed.
    pub fn note_in_flight(&self, sets_out: bool) {
        match sets_out {
            true => self.in_flight.fetch_add(1, Ordering::Relaxed),
            false => self.in_flight.fetch_sub(1, Ordering::Relaxed),
        };
    }

    /// Whether senders wait for messages that are on their way to the disk.
    pub fn senders_wait(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) > 0
    }

    /// Entries were applied: boards show them, then pages are told, then whoever waits for the index goes on.
    pub fn applied(&self, change: Change) {
        let entry = change.entry;
        self.applied.store(entry.0, Ordering::SeqCst);
        self.tell(change);
        let _queue = lock(&self.queue);
        self.told.store(entry.0, Ordering::SeqCst);
        self.done.notify_all();
    }

    /// The follower looks again.
    pub fn wake(&self) {
        self.work.notify_all();
    }

    pub fn note_progress(&self, applied: u64) {
        let size = self.reader.len();
        let far = size.saturating_sub(applied) > 10_000;
        self.say(|board| board.rebuilding = far.then_some((applied, size)));
    }

    pub(super) fn wait_until_applied(
        &self,
        entry: u64,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), Fault> {
        let _awaits = Awaits::begin(self);
        loop {
            let applied = self.told.load(Ordering::SeqCst);
            progress(applied.min(entry), entry);
            if applied >= entry {
                return Ok(());
            }
            if self.closing() {
                return Err(Fault::Closed);
            }
            if self.closing_failed() {
                let what = "the hatch was closed, and the record does not take that yet".to_owned();
                return Err(Fault::Index { doing: "bring the index up to the book", what });
            }
            if let Some(what) = self.board().trouble {
                return Err(Fault::Index { doing: "bring the index up to the book", what });
            }
            let queue = lock(&self.queue);
            if self.told.load(Ordering::SeqCst) == applied {
                drop(self.done.wait_timeout(queue, Duration::from_millis(200)));
            }
        }
    }

    /// Looks at the clock: tells everybody when a feed fell silent or was heard again.
    pub fn tick(&self) {
        let now = self.clock.now();
        let threshold = |feed: &FeedName| self.feed_setups.get(feed).map_or(900, |f| f.silent_after_seconds);
        let silence = self.feeds().tick(now, &threshold);
        if !silence.is_empty() {
            self.tell(Change { entry: self.applied_entry(), feeds: true, silence, ..Change::default() });
        }
    }
}

/// Somebody waits for the index: while this lives, the follower lets nothing gather.
struct Awaits<'a>(&'a Shared);

impl<'a> Awaits<'a> {
    fn begin(shared: &'a Shared) -> Self {
        lock(&shared.queue).awaited += 1;
        shared.work.notify_all();
        Self(shared)
    }
}

impl Drop for Awaits<'_> {
    fn drop(&mut self) {
        lock(&self.0.queue).awaited -= 1;
    }
}
