import { render } from 'preact';

render(<h1>Collector</h1>, document.getElementById('app')!);
