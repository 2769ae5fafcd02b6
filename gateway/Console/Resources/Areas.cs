namespace Gateway.Console.Resources;

/// <summary>Words around every page: head, rail, states, dates, problems.</summary>
public sealed class Shell;

/// <summary>Words of cases: workbench, case page, reconciliation, going out and coming in.</summary>
public sealed class Cases;

/// <summary>Words of people: archive, search, the member's own page.</summary>
public sealed class People;

/// <summary>Words of organisations: tree, organisation page.</summary>
public sealed class Organisations;

/// <summary>Words of running the place: import, overview, exchange, accounts.</summary>
public sealed class Operations;

/// <summary>Words of accounts, roles and acting on behalf.</summary>
public sealed class Accounts;
