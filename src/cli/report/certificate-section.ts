// The certificate, to be taken away and checked by whoever does not believe this page, which is everybody. The files are
// in the page itself, as addresses that need no network.

import { type Html, html } from '../../evals/report/html.ts';
import { type AttachedFile, type CertificateFound, dataAddress } from './certified-decision.ts';
import type { ReportedCase } from './reported-case.ts';

export function certificateSection({ certificate, genesis, founding, decision }: ReportedCase): Html {
  if (certificate.kind === 'missing') {
    return html`<p>There was no certificate in <code>certificates/</code> when this report was written. <code>conclave review</code>, run again on the case, writes it anew. Until then the published ledger, in DIR, is what there is:</p>
<pre>conclave ledger audit DIR</pre>`;
  }
  const { certificate: file, proof } = certificate;
  return html`<p>A report proves nothing; the certificate does. It names this decision, carries the signatures of the seats, and is checked offline, with three small files and no trust in whoever handed them over.</p>
<ul class="files">${[file, proof, genesis].map((one) => (one === undefined ? undefined : fileItem(one)))}</ul>
<h3>Check it yourself</h3>
<p>Save the files side by side. Take the genesis digest from the council, from a source you trust, and not from this page: whoever forges a page forges the digest on it.</p>
<pre>conclave verify \\
  ${file.name} \\
  --genesis ${founding.councilId} \\
  --expect ${decision.outcome}</pre>
<p>It must say VALID. Whoever has the council’s published ledger, in DIR, replays every vote of it to the same decisions:</p>
<pre>conclave ledger audit DIR</pre>
<dl>
<dt>Genesis digest</dt><dd class="digest">${founding.councilId}</dd>
<dt>Certificate, SHA-256</dt><dd class="digest">${file.digest}</dd>
<dt>Kept at</dt><dd><code>certificates/${file.name}</code> in the council’s directory</dd>
</dl>
${checked(certificate)}`;
}

function fileItem(file: AttachedFile): Html {
  return html`<li><a href="${dataAddress(file)}" download="${file.name}">${file.name}</a> <span class="note">${file.bytes.length.toLocaleString('en-US')} bytes; SHA-256 <span class="digest">${file.digest}</span></span></li>`;
}

function checked({ checks, trouble }: Extract<CertificateFound, { kind: 'kept' }>): Html {
  const rows = checks.map(
    ({ name, ok, detail }) =>
      html`<tr><th scope="row" class="short">${name}</th><td class="short">${ok ? html`<span class="approve">✓ holds</span>` : html`<strong class="reject">✗ fails</strong>`}</td><td>${detail}</td></tr>`,
  );
  return html`<h3>What was found when this report was written</h3>
<p>${
    trouble === undefined
      ? 'Every check held, and the certificate names the very decision above. The ballots shown are those it names by digest, and reasons were held against the ballots.'
      : html`<strong class="reject">The certificate does not vouch for this decision: ${trouble}.</strong>`
  }</p>
<div class="wide" tabindex="0" role="region" aria-label="Checks of the certificate"><table><thead><tr><th scope="col">Check</th><th scope="col">Result</th><th scope="col">What was established</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
