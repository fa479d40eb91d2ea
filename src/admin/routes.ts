import { secretRoutes } from '../platform/secret-routes'
import { admins, anyone, salesLeads } from '../web/guard'
import { perPerson, rateLimit } from '../web/rate-limit'
import type { Route } from '../web/route'
import * as auditLog from './audit'
import * as backgroundJobs from './background-jobs'
import * as brand from './brand'
import * as brandExport from './brand-export'
import * as brandFiles from './brand-files'
import * as brandHome from './brand-home'
import * as brandImport from './brand-import'
import * as brandLook from './brand-look'
import * as brandNavigation from './brand-navigation'
import * as brandPublication from './brand-publication'
import * as brandRemoval from './brand-removal'
import * as brandTexts from './own-texts'
import * as legalPages from './legal-pages'
import * as brandHosts from './brand-hosts'
import * as brands from './brands'
import * as catalogueLists from './catalogue-lists'
import * as checklist from './checklist'
import * as competitors from './competitors'
import * as draftFrame from './draft-frame'
import * as embeds from './embeds'
import * as needs from './needs-assessment'
import * as outsideViews from './outside-views'
import * as people from './people'
import * as plans from './plans'
import * as profileQuestions from './profile-questions'
import * as publishing from './publishing'
import * as scoringDraft from './scoring-draft'
import * as scoringFile from './scoring-file'
import * as scoringHoldOut from './scoring-hold-out'
import * as scoringPeople from './scoring-people'
import * as scoringPublication from './scoring-publication'
import * as scoringReplay from './scoring-replay'
import * as scoringSuggestion from './scoring-suggestion'
import * as signUpRules from './sign-up-rules'
import * as websites from './websites'
import * as successors from './successors'

/** A file has up to 5,000 rows. */
const limitExports = rateLimit('exports', 30, 3600, perPerson)
/** A replay and a suggestion read all that has happened. */
const limitReplays = rateLimit('scoring-replays', 30, 3600, perPerson)
/** What is typed is computed for everyone who has a score. */
const limitDrafts = rateLimit('scoring-drafts', 240, 60, perPerson, true)

/** Pages of a brand's draft; the rooms answer them, so these come first. */
export const draftFrames: Route[] = [
  ['get', '/admin/brands/:id/draft/:look{/*page}', admins, brands.load, draftFrame.show],
]

const ofAccess = [people.load, people.requireAccessRight] as const

export const routes: Route[] = [
  ['get', '/admin/scoring-model/draft', salesLeads, scoringDraft.editModel],
  ['post', '/admin/scoring-model/draft/removal', salesLeads, scoringDraft.discardModel],
  ['get', '/admin/scoring-model/draft/people', salesLeads, scoringPeople.peopleOfModel],
  ['get', '/admin/scoring-model/draft/export.json', salesLeads, scoringFile.exportDraft],
  ['post', '/admin/scoring-model/draft/comments', salesLeads, scoringPublication.commentOnDraft],
  [
    'post',
    '/admin/scoring-model/draft/comments/:id/removal',
    salesLeads,
    scoringPublication.removeDraftComment,
  ],
  ['post', '/admin/scoring-model/draft/:list/:name', salesLeads, limitDrafts, scoringDraft.changeModel],
  ['get', '/admin/scoring-model/follows', salesLeads, scoringPeople.askFollows],
  ['post', '/admin/scoring-model/follows', salesLeads, scoringPeople.followLeads],
  ['get', '/admin/scoring-model/schema.json', salesLeads, scoringFile.sendModelSchema],
  ['get', '/admin/scoring-model/imports/new', salesLeads, scoringFile.askImport],
  ['post', '/admin/scoring-model/imports', salesLeads, scoringFile.importModel],
  ['get', '/admin/scoring-model/publications/new', salesLeads, scoringPublication.askToPublish],
  ['post', '/admin/scoring-model/publications', salesLeads, scoringPublication.publishModelDraft],
  ['get', '/admin/scoring-model/versions', salesLeads, scoringPublication.modelVersions],
  ['get', '/admin/scoring-model/versions/:number', salesLeads, scoringPublication.showModelVersion],
  ['post', '/admin/scoring-model/replays', salesLeads, limitReplays, scoringReplay.create],
  ['get', '/admin/scoring-model/replays/:id', salesLeads, scoringReplay.show],
  ['post', '/admin/scoring-model/replays/:id/cancellation', salesLeads, scoringReplay.cancelRunning],
  ['get', '/admin/scoring-model/replays/:id/people', salesLeads, scoringReplay.moved],
  ['get', '/admin/scoring-model/hold-out', salesLeads, scoringHoldOut.showHoldOut],
  ['post', '/admin/scoring-model/hold-out', salesLeads, scoringHoldOut.changeHoldOut],
  ['get', '/admin/scoring-model/suggestion', salesLeads, scoringSuggestion.showSuggestion],
  ['post', '/admin/scoring-model/suggestions', salesLeads, limitReplays, scoringSuggestion.suggest],
  [
    'post',
    '/admin/scoring-model/suggestions/:id/cancellation',
    salesLeads,
    scoringSuggestion.cancelSuggesting,
  ],
  ['post', '/admin/scoring-model/suggestions/:id/draft', salesLeads, scoringSuggestion.openSuggestion],
  ['get', '/admin/scoring-model/versions/:number/export.json', salesLeads, scoringFile.exportVersion],
  ['post', '/admin/scoring-model/versions/:number/restoration', salesLeads, scoringPublication.restoreModel],
  ['get', '/admin', admins, checklist.show],
  [
    'post',
    '/admin/connection-checks',
    admins,
    rateLimit('connection-checks', 30, 600, perPerson),
    checklist.tryConnections,
  ],
  ['get', '/admin/people', admins, people.index],
  ['post', '/admin/people', admins, people.create],
  ['get', '/admin/people/:id/role/new', admins, people.load, successors.askForRole],
  ['post', '/admin/people/:id/role', admins, people.load, people.updateRole],
  ['get', '/admin/people/:id/suspension/new', salesLeads, ...ofAccess, successors.askForSuspension],
  ['post', '/admin/people/:id/suspension', salesLeads, ...ofAccess, people.suspend],
  ['post', '/admin/people/:id/reactivation', salesLeads, ...ofAccess, people.reactivate],
  ['get', '/admin/brands', admins, brands.index],
  ['post', '/admin/brands', admins, brands.create],
  ['get', '/admin/brands/:id', admins, brands.load, brand.edit],
  ['post', '/admin/brands/:id', admins, brands.load, brand.update],
  ['get', '/admin/brands/:id/export.json', admins, brands.load, brandExport.download],
  ['get', '/admin/brands/:id/publications/new', admins, brands.load, brandPublication.show],
  ['post', '/admin/brands/:id/publications', admins, brands.load, brandPublication.create],
  ['get', '/admin/brands/:id/legal-pages', admins, brands.load, legalPages.index],
  ['get', '/admin/brands/:id/legal-pages/:name', admins, brands.load, legalPages.edit],
  ['post', '/admin/brands/:id/legal-pages/:name', admins, brands.load, legalPages.update],
  ['post', '/admin/brands/:id/legal-pages/:name/removal', admins, brands.load, legalPages.destroy],
  ['get', '/admin/brands/:id/texts', admins, brands.load, brandTexts.index],
  ['post', '/admin/brands/:id/texts', admins, brands.load, brandTexts.update],
  ['get', '/admin/brands/:id/versions', admins, brands.load, brand.versions],
  ['post', '/admin/brands/:id/versions/:number/restoration', admins, brands.load, brand.restoreVersion],
  ['post', '/admin/brands/:id/imports', admins, brandImport.upload, brands.load, brandImport.create],
  ['get', '/admin/brands/:id/imports/:import', admins, brands.load, brandImport.show],
  ['post', '/admin/brands/:id/imports/:import/confirmation', admins, brands.load, brandImport.confirm],
  ['post', '/admin/brands/:id/imports/:import/undo', admins, brands.load, brandImport.undoImport],
  ['get', '/admin/brands/:id/removal/new', admins, brands.loadAny, brandRemoval.ask],
  ['post', '/admin/brands/:id/removal', admins, brands.load, brandRemoval.destroy],
  ['post', '/admin/brands/:id/closure', admins, brands.loadAny, brandRemoval.close],
  ['post', '/admin/brands/:id/reopening', admins, brands.loadAny, brandRemoval.reopen],
  ['get', '/admin/brands/:id/look', admins, brands.load, brandLook.edit],
  ['post', '/admin/brands/:id/look', admins, brands.load, brandLook.update],
  ['get', '/admin/brands/:id/contrast', admins, brands.load, brandLook.contrast],
  ['get', '/admin/brands/:id/home', admins, brands.load, brandHome.index],
  ['post', '/admin/brands/:id/home', admins, brands.load, brandHome.update],
  ['get', '/admin/brands/:id/home/:section', admins, brands.load, brandHome.edit],
  ['post', '/admin/brands/:id/home/:section', admins, brands.load, brandHome.save],
  ['get', '/admin/brands/:id/navigation', admins, brands.load, brandNavigation.edit],
  ['post', '/admin/brands/:id/navigation', admins, brands.load, brandNavigation.update],
  ['post', '/admin/brands/:id/files', admins, brandFiles.upload, brands.load, brandFiles.create],
  ['post', '/admin/brands/:id/files/removal', admins, brands.load, brandFiles.destroy],
  ['get', '/admin/brands/:id/sign-up', admins, brands.load, signUpRules.edit],
  ['post', '/admin/brands/:id/sign-up', admins, brands.load, signUpRules.update],
  ['get', '/admin/brands/:id/websites', admins, brands.load, websites.edit],
  ['post', '/admin/brands/:id/websites', admins, brands.load, websites.update],
  ['get', '/admin/brands/:id/hosts', admins, brands.loadAny, brandHosts.edit],
  ['post', '/admin/brands/:id/hosts', admins, brands.loadAny, brandHosts.update],
  ['post', '/admin/brands/:id/host-checks', admins, brands.load, brandHosts.check],
  ['get', '/admin/brands/:id/needs-assessment', admins, brands.load, needs.edit],
  ['post', '/admin/brands/:id/needs-assessment', admins, brands.load, needs.update],
  ['get', '/admin/brands/:id/needs-assessment/questions/:name', admins, brands.load, needs.editQuestion],
  ['post', '/admin/brands/:id/needs-assessment/questions/:name', admins, brands.load, needs.updateQuestion],
  ['post', '/admin/brands/:id/needs-assessment/publications', admins, brands.load, needs.publishNeeds],
  ['post', '/admin/brands/:id/needs-assessment/withdrawal', admins, brands.load, needs.needsEditor.withdraw],
  ['get', '/admin/brands/:id/needs-assessment/versions', admins, brands.load, needs.needsEditor.versions],
  [
    'post',
    '/admin/brands/:id/needs-assessment/versions/:number/restoration',
    admins,
    brands.load,
    needs.needsEditor.restore,
  ],
  ['get', '/admin/brands/:id/plans', admins, brands.load, plans.edit],
  ['post', '/admin/brands/:id/plans', admins, brands.load, plans.update],
  ['get', '/admin/brands/:id/plans/plan/:name', admins, brands.load, plans.editPlan],
  ['post', '/admin/brands/:id/plans/plan/:name', admins, brands.load, plans.updatePlan],
  ['post', '/admin/brands/:id/plans/publications', admins, brands.load, plans.publishPlans],
  ['post', '/admin/brands/:id/plans/withdrawal', admins, brands.load, plans.pricingEditor.withdraw],
  ['get', '/admin/brands/:id/plans/versions', admins, brands.load, plans.pricingEditor.versions],
  [
    'post',
    '/admin/brands/:id/plans/versions/:number/restoration',
    admins,
    brands.load,
    plans.pricingEditor.restore,
  ],
  ['get', secretRoutes.brandPreview, anyone, brand.startPreviewing],
  ['post', '/brand-preview/end', anyone, brand.stopPreviewing],
  ['get', '/admin/catalogue-lists', admins, catalogueLists.index],
  ['post', '/admin/catalogue-lists/:list', admins, catalogueLists.create],
  ['get', '/admin/catalogue-lists/:list/:entry', admins, catalogueLists.show],
  ['post', '/admin/catalogue-lists/:list/:entry', admins, catalogueLists.update],
  ['post', '/admin/catalogue-lists/:list/:entry/position', admins, catalogueLists.move],
  ['post', '/admin/catalogue-lists/:list/:entry/removal', admins, catalogueLists.destroy],
  ['get', '/admin/competitors', admins, competitors.edit],
  ['post', '/admin/competitors', admins, competitors.update],
  ['get', '/admin/embeds', admins, embeds.showEmbeds],
  ['post', '/admin/embeds', admins, embeds.saveEmbeds],
  ['get', '/admin/publishing', admins, publishing.edit],
  ['post', '/admin/publishing', admins, publishing.update],
  ['get', '/admin/background-jobs', admins, backgroundJobs.index],
  ['post', '/admin/background-jobs/:queue/retries', admins, backgroundJobs.retry],
  ['post', '/admin/background-jobs/:queue/discards', admins, backgroundJobs.discard],
  ['get', '/admin/profile-questions', admins, profileQuestions.index],
  ['post', '/admin/profile-questions', admins, profileQuestions.create],
  ['post', '/admin/profile-questions/:id/removal', admins, profileQuestions.destroy],
  ['get', '/admin/outside-views', admins, outsideViews.index],
  ['get', '/admin/outside-views.csv', admins, limitExports, outsideViews.download],
  ['get', '/admin/audit', admins, auditLog.index],
  ['get', '/admin/audit.csv', admins, limitExports, auditLog.download],
]
