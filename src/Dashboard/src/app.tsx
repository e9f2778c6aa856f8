import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { onReach, probe } from './lib/api';
import { plain } from './lib/safe';
import { openPage, type Page, writeView } from './lib/url';
import { useAddress, ViewContext } from './lib/view';
import { CorrelationPage } from './pages/correlation/page';
import { HealthPage } from './pages/health/page';
import { LogsPage } from './pages/logs/page';
import { OverviewPage } from './pages/overview/page';
import { RangeBar } from './parts/rangeBar';

const PAGES: Record<Page, { title: string; hasRange: boolean; page: FunctionComponent }> = {
  overview: { title: 'Overview', hasRange: true, page: OverviewPage },
  logs: { title: 'Logs', hasRange: true, page: LogsPage },
  correlation: { title: 'Correlation', hasRange: false, page: CorrelationPage },
  health: { title: 'Health', hasRange: false, page: HealthPage },
};

export function App() {
  const address = useAddress();
  const [view, go] = address;
  const { title, hasRange, page: Shown } = PAGES[view.page];
  useEffect(() => {
    document.title = `${view.page === 'correlation' && view.id ? plain(view.id) : title} · Collector`;
  }, [title, view.page, view.id]);
  return (
    <ViewContext.Provider value={address}>
      <a class="skip" href="#main">Skip to the content</a>
      <header class="top">
        <span class="brand">Collector</span>
        <nav aria-label="Pages">
          {(Object.keys(PAGES) as Page[]).map((page) => {
            const target = openPage(page, view);
            return (
              <a
                key={page} href={writeView(target)} aria-current={view.page === page ? 'page' : undefined}
                onClick={(e) => {
                  if (!e.ctrlKey && !e.metaKey && !e.shiftKey) {
                    e.preventDefault();
                    go(() => target, 'push');
                  }
                }}
              >
                {PAGES[page].title}
              </a>
            );
          })}
        </nav>
        {hasRange && <RangeBar />}
      </header>
      <AwayBanner />
      <main id="main" tabIndex={-1}>
        <h1 class="offscreen">{title}</h1>
        <Shown key={view.page} />
      </main>
    </ViewContext.Provider>
  );
}

const LOOK_MS = 5_000;
const LOOK_AWAY_MS = 2_000;

/** Said once for the whole page; what is shown stays, and every part catches up by itself. */
function AwayBanner() {
  const [isReached, setReached] = useState(true);
  useEffect(() => onReach(setReached), []);
  useEffect(() => {
    const timer = setInterval(() => void (document.hidden || probe()), isReached ? LOOK_MS : LOOK_AWAY_MS);
    return () => clearInterval(timer);
  }, [isReached]);
  return (
    <div role="status" class="banner-place">
      {!isReached && <p class="banner">The collector is away. What you see is from before; the page catches up by itself when it is back.</p>}
    </div>
  );
}
