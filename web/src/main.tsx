// The page's composition root: builds the session, the hub, the call, and puts the pages on them.
import './ui/theme.css';
import { render } from 'solid-js/web';
import { App, preloadHome } from '~/app';
import { loadLanguage } from '~/i18n';

const root = document.getElementById('root');
preloadHome();
if (root) void loadLanguage().then(() => render(() => <App />, root));
