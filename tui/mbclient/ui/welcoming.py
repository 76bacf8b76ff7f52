"""What follows when somebody begins, or adds an account: posts come in, and what is not known yet is asked."""

from __future__ import annotations

from mbclient.ui.host import Host


class Welcoming(Host):
    """The program, as it greets; the questions are loaded when they are asked."""

    def greet(self) -> None:
        """At the start: three ways to begin, for whoever has said nothing yet."""
        if self.launch.first and self.desk.accounts.only_notebook and not self.launch.demo:
            from mbclient.ui.screens.welcome import WelcomeScreen

            self.push_screen(WelcomeScreen(self.desk, self.launch))

    def welcome_account(self, name: str) -> None:
        self.run_worker(self.refresh_services(), group="refresh", exclusive=True)
        self.run_worker(self._ask_about(name), group="steps", exclusive=True)

    async def _ask_about(self, name: str) -> None:
        """With the first account come the first steps; a profile is asked about afterwards, when names are known."""
        from mbclient.ui.screens.confirm import ConfirmProfile

        if self.launch.first and not self.launch.demo and len(self.desk.accounts.all()) == 1:
            await self._first_steps()
        if any(each.name == name and each.service != "local" for each in self.desk.accounts.all()):  # it is still there
            await self.push_screen_wait(ConfirmProfile(self.desk, name))

    def first_steps(self) -> None:
        self.run_worker(self._first_steps(), group="steps", exclusive=True)

    async def _first_steps(self) -> None:
        from mbclient.ui.aboutyou import AboutYou

        await AboutYou(self, self.desk).first_steps()
