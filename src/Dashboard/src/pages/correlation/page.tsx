import { useMemo } from 'preact/hooks';
import { useMedia } from '../../lib/keys';
import { reviveGap, type Row } from '../../lib/model';
import { useSelection } from '../../lib/selection';
import { openPage } from '../../lib/url';
import { useView } from '../../lib/view';
import { layOut } from '../../lib/waterfall';
import { Details } from '../../parts/details';
import { Empty, ErrorNote, GapNote, NoRowsYet } from '../../parts/notes';
import { Head, IdForm } from './head';
import { RowList } from './rowList';
import { useCorrelation } from './useCorrelation';
import { WaterfallView } from './waterfallView';

export function CorrelationPage() {
  const [view, go] = useView();
  const { data, rows, error, loading } = useCorrelation(view.id);
  const waterfall = useMemo(() => layOut(rows, view.adjustSkew), [rows, view.adjustSkew]);
  const isNarrow = useMedia('(max-width: 720px)');
  const opened = rows.find((row) => row.id === view.row);

  const gaps = useMemo(() => data?.gaps.map(reviveGap) ?? [], [data]);
  const [from, to] = view.zoom ?? [0, waterfall.total];
  const listed = useMemo(() => (view.zoom === null ? rows : inWindow(rows, waterfall, from, to)), [rows, waterfall, from, to, view.zoom]);
  const { selectedId, selected, open, close } = useSelection({
    size: listed.length,
    at: (i) => listed[i],
    indexOf: (id) => listed.findIndex((row) => row.id === id),
  });
  const onFilter = (name: string, value: string) =>
    go((v) => openPage('logs', v, { filters: [{ name, op: '=', value }], range: { from: '7d', to: null } }), 'push');

  return (
    <div class="correlation-page">
      <div class="correlation-top">
        <IdForm />
        {error && error.status !== 404 && <ErrorNote error={error} what="The correlation" />}
        {data && <Head found={data} waterfall={waterfall} />}
        {data && <GapNote gaps={gaps} where="the time of this request" />}
      </div>
      {data ? (
        <div class="logs-main">
          <div class="correlation-main">
            {waterfall.bars.length > 0 && <WaterfallView waterfall={waterfall} gaps={gaps} workers={data.workers} selectedId={selectedId} onOpen={open} isNarrow={isNarrow} />}
            <RowList rows={listed} waterfall={waterfall} selected={selected} selectedKey={selectedId} onOpen={open} isNarrow={isNarrow} total={rows.length} />
          </div>
          {opened && <Details row={opened} onFilter={onFilter} onClose={close} showCorrelation={false} />}
        </div>
      ) : view.id === '' ? (
        <Empty title="One request, from end to end"><p>Paste a correlation id or a trace id above, or open a row of the logs and choose “Show the whole correlation”.</p><NoRowsYet /></Empty>
      ) : error?.status === 404 ? (
        <Empty title="No row has this id"><p>Neither as its correlation id nor as its trace id. This page looks again every two seconds.</p></Empty>
      ) : loading ? <p class="loading muted" role="status">Reading …</p> : null}
    </div>
  );
}

function inWindow(rows: Row[], waterfall: ReturnType<typeof layOut>, from: number, to: number): Row[] {
  const times = new Map<string, [number, number]>();
  for (const bar of waterfall.bars) {
    times.set(bar.row.id, [bar.start, bar.end]);
    bar.marks.forEach((mark) => times.set(mark.row.id, [mark.at, mark.at]));
  }
  waterfall.loose.forEach((mark) => times.set(mark.row.id, [mark.at, mark.at]));
  return rows.filter((row) => {
    const [start, end] = times.get(row.id)!;
    return start <= to && end >= from;
  });
}
