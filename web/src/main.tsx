// The page's composition root: builds the session, the hub, the call, and puts the pages on them.
import './ui/theme.css';
import { render } from 'solid-js/web';
import { App } from '~/app';

const root = document.getElementById('root');
if (root) render(() => <App />, root);
