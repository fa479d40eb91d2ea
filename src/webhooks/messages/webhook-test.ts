import { z } from 'zod'
import { defineManualMessage } from '../define-message'

export const webhookTest = defineManualMessage({
  name: 'webhook.test',
  docs: {
    title: 'Test message',
    text: "A test you send from the endpoint's page; it contains no lead",
  },
  data: z.object({ message: z.string(), sent_by: z.string() }),
  example: { message: 'This is a test. No lead has qualified.', sent_by: 'Petra Novotná' },
})
